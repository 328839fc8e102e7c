#pragma once

#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "model/workload/daemon_set.hpp"
#include "tests/unit/controllers/fixture.hpp"

#include <algorithm>
#include <optional>

namespace troupe {

// What a workload test needs of a node: pods that run, become ready and end.
struct kubelet_options {
  std::chrono::seconds start{0};  // until a pod is ready
  std::chrono::seconds stop{0};   // from its deletion to its end
  // Whether a pod ever becomes ready; by its image.
  std::function<bool(const std::string& image)> runs = [](const std::string& image) {
    return image != "bad";
  };
  // The exit code that a pod's containers end with once they have run; nothing: they run on.
  std::function<std::optional<int>(const json& pod)> ends = [](const json&) {
    return std::nullopt;
  };
  std::chrono::seconds run{0};
};

class test_kubelet : public controller {
 public:
  explicit test_kubelet(kubelet_options o) : options_(std::move(o)) {}

  std::string name() const override { return "test-kubelet"; }
  std::vector<std::string> resources() const override { return {"pods"}; }

  void observe(const store::event& e, controller_host& host) override {
    if (e.type == store::event::kind::deleted) return;
    const bool deleting = e.object->header().deleting;
    if (deleting || e.type == store::event::kind::added)
      host.visit(to_string(e.object->key()), deleting ? options_.stop : options_.start);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto pod = host.cache().get(parse_key(key));
    if (!pod) return done({});
    const auto path = path_of(pod->key());
    auto reply = [done](const api_response& r) { done(outcome_of(r)); };
    json document = pod->parse();
    if (pod->header().deleting)
      return host.call("DELETE", path, json{{"gracePeriodSeconds", 0}}, reply);
    if (model::string_at(document, {"spec", "nodeName"}).empty()) {
      const auto target = model::daemon_pod(*pod).target;
      const json binding = {
          {"apiVersion", "v1"},
          {"kind", "Binding"},
          {"metadata", {{"name", pod->key().name}}},
          {"target", {{"kind", "Node"}, {"name", target.empty() ? "n1" : target}}}};
      return host.call("POST", path + "/binding", binding, [done](const api_response& r) {
        done(r.code < 300 ? outcome{{}, 0ms} : outcome_of(r));
      });
    }
    const auto phase = model::string_at(document, {"status", "phase"});
    if (phase == "Succeeded" || phase == "Failed") return done({});
    const auto code = options_.ends(document);
    if (code && phase == "Running")
      return host.call("PUT", path + "/status", ended(std::move(document), *code, host.now()),
                       reply);
    const bool ready = options_.runs(document["spec"]["containers"][0]["image"]);
    json condition = {{"type", "Ready"},
                      {"status", ready ? "True" : "False"},
                      {"lastTransitionTime", model::to_rfc3339(host.now())}};
    document["status"]["phase"] = ready ? "Running" : "Pending";
    document["status"]["conditions"] = json::array({std::move(condition)});
    host.call("PUT", path + "/status", document,
              [done, ends = code.has_value(), run = options_.run](const api_response& r) {
                auto o = outcome_of(r);
                if (ends) o.again = run;
                done(std::move(o));
              });
  }

 private:
  static json ended(json pod, int code, model::time_point now) {
    json& status = pod["status"];
    status["phase"] = code == 0 ? "Succeeded" : "Failed";
    status["conditions"][0]["status"] = "False";
    status["containerStatuses"] = json::array(
        {{{"name", "c"},
          {"image", "i"},
          {"imageID", ""},
          {"state",
           {{"terminated", {{"exitCode", code}, {"finishedAt", model::to_rfc3339(now)}}}}}}});
    return pod;
  }

  const kubelet_options options_;
};

inline void make_default_namespace(virtual_cluster& c) {
  ASSERT_EQ(c.code("POST", "/api/v1/namespaces", named("Namespace", "default")), 201);
  auto account = named("ServiceAccount", "default");
  ASSERT_EQ(c.code("POST", "/api/v1/namespaces/default/serviceaccounts", account), 201);
}

inline void start_kubelet(virtual_cluster& c, kubelet_options o = {}) {
  c.running.push_back(
      spawn_controller(c.sys, c.options, std::make_unique<test_kubelet>(std::move(o))));
}

// A pod template with label app=NAME.
inline json template_of(const std::string& app, const std::string& image = "good") {
  return {{"metadata", {{"labels", {{"app", app}}}}},
          {"spec", {{"containers", json::array({{{"name", "c"}, {"image", image}}})}}}};
}

// A workload of group apps (or an old one of v1).
inline json workload_of(const char* kind, const std::string& name, int replicas) {
  const bool old = kind == std::string("ReplicationController");
  json selector = {{"app", name}};
  if (!old) selector = json{{"matchLabels", selector}};
  return {
      {"apiVersion", old ? "v1" : "apps/v1"},
      {"kind", kind},
      {"metadata", {{"name", name}}},
      {"spec", {{"replicas", replicas}, {"selector", selector}, {"template", template_of(name)}}}};
}

inline json get(virtual_cluster& c, const std::string& path) {
  return json::parse(c.ask("GET", path).body.bytes());
}

inline std::vector<json> items(virtual_cluster& c, const std::string& path) {
  return get(c, path)["items"].get<std::vector<json>>();
}

// Changes the document at a path as a client does that read it first.
inline int edit(virtual_cluster& c, const std::string& path,
                const std::function<void(json&)>& change) {
  json document = get(c, path);
  change(document);
  return c.code("PUT", path, document);
}

// "reason: message" of each Event, sorted.
inline std::vector<std::string> told(virtual_cluster& c) {
  std::vector<std::string> out;
  for (const auto& e : items(c, "/api/v1/namespaces/default/events"))
    out.push_back(e["reason"].get<std::string>() + ": " + e["message"].get<std::string>());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace troupe
