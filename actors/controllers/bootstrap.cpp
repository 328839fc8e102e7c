#include "actors/controllers/controller.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/system_priorities.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

constexpr const char* root_ca_name = "kube-root-ca.crt";
constexpr const char* authentication_name = "extension-apiserver-authentication";

// The namespaces and priorities of every cluster, and in each namespace what pods expect to find.
// Keys are the paths of the objects to be there.
struct bootstrap_controller : controller {
  explicit bootstrap_controller(bootstrap_options o) : options(std::move(o)) {}

  std::string name() const override { return "bootstrap-controller"; }
  std::vector<std::string> resources() const override {
    return {"configmaps", "namespaces", resources::priorities, "serviceaccounts"};
  }

  void start(controller_host& host) override {
    for (const char* ns : {"default", "kube-system", "kube-public", "kube-node-lease"})
      host.visit("namespaces//" + std::string(ns), 0ms);
    for (const auto& one : model::system_priorities)
      host.visit(std::string(resources::priorities) + "//" + std::string(one.name), 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "configmaps") {
      if (publishes(key)) host.visit(key.resource + "/" + key.ns + "/" + key.name, 0ms);
    } else if (key.resource == "namespaces") {
      if (deleted || e.object->header().deleting) return;
      host.visit("serviceaccounts/" + key.name + "/default", 0ms);
      if (!options.ca.empty()) host.visit("configmaps/" + key.name + "/" + root_ca_name, 0ms);
      if (!options.front_proxy_ca.empty() && key.name == "kube-system")
        host.visit(std::string("configmaps/kube-system/") + authentication_name, 0ms);
    } else if (deleted && key.name == "default" && key.resource == "serviceaccounts") {
      host.visit("serviceaccounts/" + key.ns + "/default", 0ms);
    }
  }

  // Whether the ConfigMap is one that tells all comers whom to believe.
  bool publishes(const model::object_key& key) const {
    if (key.name == root_ca_name) return !options.ca.empty();
    return key.ns == "kube-system" && key.name == authentication_name &&
           !options.front_proxy_ca.empty();
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto first = text.find('/');
    const auto second = text.find('/', first + 1);
    const model::object_key key{text.substr(0, first), text.substr(first + 1, second - first - 1),
                                text.substr(second + 1)};
    if (const auto there = host.cache().get(key)) {
      if (key.resource == "configmaps") return mend(*there, host, std::move(done));
      return done({});
    }
    if (!key.ns.empty()) {
      const auto ns = host.cache().get({"namespaces", "", key.ns});
      if (!ns || ns->header().deleting) return done({});
    }
    const auto path = path_of(key);
    host.call("POST", collection_of(path), made(key),
              [done](const api_response& r) { done(outcome_of(r)); });
  }

  json made(const model::object_key& key) const {
    json body{{"apiVersion", "v1"}, {"metadata", {{"name", key.name}}}};
    if (const auto* priority = model::system_priority_named(key.name);
        priority && key.resource == resources::priorities) {
      body["apiVersion"] = "scheduling.k8s.io/v1";
      body["kind"] = "PriorityClass";
      body["value"] = priority->value;
      body["description"] = priority->description;
      return body;
    }
    body["kind"] = key.resource == "namespaces"        ? "Namespace"
                   : key.resource == "serviceaccounts" ? "ServiceAccount"
                                                       : "ConfigMap";
    if (key.resource == "configmaps") body["data"] = data_of(key);
    return body;
  }

  json data_of(const model::object_key& key) const {
    return key.name == authentication_name ? authentication() : json{{"ca.crt", options.ca}};
  }

  // What somebody wrote into it is taken back: clients that read it would believe anybody.
  void mend(const model::object& there, controller_host& host,
            std::function<void(outcome)> done) const {
    json body = there.parse();
    auto wanted = data_of(there.key());
    if (model::at(body, {"data"}) == wanted || there.header().deleting) return done({});
    body["data"] = std::move(wanted);
    host.call("PUT", path_of(there.key()), body, [done](const api_response& r) {
      done(r.code == 409 ? outcome{{}, after_conflict} : outcome_of(r));
    });
  }

  // Whom the servers of APIServices are to believe, and how they are told who asks.
  json authentication() const {
    return {{"client-ca-file", options.ca},
            {"requestheader-allowed-names", R"(["front-proxy-client"])"},
            {"requestheader-client-ca-file", options.front_proxy_ca},
            {"requestheader-extra-headers-prefix", R"(["X-Remote-Extra-"])"},
            {"requestheader-group-headers", R"(["X-Remote-Group"])"},
            {"requestheader-username-headers", R"(["X-Remote-User"])"}};
  }

  const bootstrap_options options;
};

}  // namespace

controller_actor spawn_bootstrap_controller(caf::actor_system& sys, controller_options options,
                                            bootstrap_options bootstrap) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<bootstrap_controller>(std::move(bootstrap)));
}

}  // namespace troupe
