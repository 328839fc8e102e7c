#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/pod_control.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/autoscaling/autoscaler.hpp"
#include "model/custom/kinds.hpp"
#include "model/schema.hpp"
#include "model/selector.hpp"
#include "store/figures_board.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using done_fn = std::function<void(outcome)>;

// kube's --horizontal-pod-autoscaler-sync-period.
constexpr std::chrono::seconds period{15};

std::string path_of_scale(const model::kind_info& kind, const std::string& ns,
                          const std::string& name) {
  return (kind.group.empty() ? "/api/" : "/apis/") + kind.api_version() + "/namespaces/" + ns +
         "/" + std::string(kind.plural) + "/" + name + "/scale";
}

// Where the Scale of what a reference names is: at the preferred version of its group.
std::string path_of_scale(const store::cache& objects, const json& reference, const std::string& ns,
                          std::string& failure) {
  const std::string version = model::string_at(reference, {"apiVersion"});
  const std::string kind = model::string_at(reference, {"kind"});
  const std::string name = model::string_at(reference, {"name"});
  if (std::count(version.begin(), version.end(), '/') > 1) {
    failure = "unexpected GroupVersion string: " + version;
    return {};
  }
  const auto slash = version.find('/');
  const std::string group = slash == version.npos ? "" : version.substr(0, slash);
  for (const auto& k : model::schema::instance().kinds())
    if (k.group == group && k.kind == kind) return path_of_scale(k, ns, name);
  const auto custom = objects.custom_kinds();
  for (const auto& [resource, definition] : custom->definitions())
    if (definition->group == group && definition->kind == kind)
      for (const auto& v : definition->versions)
        if (v->served) return path_of_scale(v->kind, ns, name);
  failure = "unable to determine resource for scale target reference: no matches for kind \"" +
            kind + "\" in group \"" + group + "\"";
  return {};
}

// Sets the numbers of pods by their load. Keys are those of autoscalers; each is looked at every
// fifteen seconds and when its spec changes. It looks through the pods of its namespace then, which
// costs less than following all their events would.
struct autoscaler_controller : controller {
  std::string name() const override { return "horizontal-pod-autoscaler"; }
  std::vector<std::string> resources() const override { return {resources::autoscalers}; }

  void observe(const store::event& e, controller_host& host) override {
    const auto key = to_string(e.object->key());
    if (e.type == store::event::kind::deleted) {
      known_.erase(key);
      return;
    }
    const json document = e.object->parse();
    const auto generation = model::at(document, {"spec"}).dump();
    auto& k = known_[key];
    if (k.uid != e.object->header().uid) k = {e.object->header().uid, {}, {}, {}, {}};
    if (std::exchange(k.spec, generation) != generation) host.visit(key, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host, done_fn done) override {
    const auto stored = host.cache().get(parse_key(key));
    if (!stored || !known_.contains(key)) return done({});
    auto document = std::make_shared<const json>(stored->parse());
    const json& reference = model::at(*document, {"spec", "scaleTargetRef"});
    std::string failure;
    const auto scale = path_of_scale(host.cache(), reference, stored->key().ns, failure);
    if (scale.empty()) return decide(key, stored, document, {}, failure, {}, host, std::move(done));
    host.call(
        "GET", scale, json(),
        [this, key, stored, document, scale, &host, done = std::move(done)](const api_response& r) {
          if (r.code >= 300)
            return decide(key, stored, document, {},
                          model::status_from_text(r.body.bytes()).message, {}, host, done);
          decide(key, stored, document, model::parse_json(r.body.bytes()).value, {}, scale, host,
                 done);
        });
  }

 private:
  // What is remembered of an autoscaler while this process runs.
  struct known {
    std::string uid;
    std::string spec;
    std::string selector;  ///< of its target's Scale
    model::autoscaler_memory memory;
    // Pods by uid and version: most are what they were at the last look.
    std::unordered_map<std::string, std::pair<std::uint64_t, model::autoscaled_pod>> pods;
  };

  void decide(const std::string& key, const model::object_ptr& stored,
              const std::shared_ptr<const json>& document, json scale, std::string failure,
              const std::string& path, controller_host& host, done_fn done) {
    const auto at = known_.find(key);
    if (at == known_.end()) return done({});
    model::scale_target target;
    target.failure = std::move(failure);
    target.scale = std::move(scale);
    if (target.failure.empty()) find_pods(at->second, stored->key(), target, host);
    auto decision = std::make_shared<model::autoscaling>(
        model::autoscale(*document, target, at->second.memory, host.now()));
    if (!decision->rescale) return finish(stored, *decision, host, std::move(done));
    target.scale["spec"]["replicas"] = *decision->rescale;
    host.call("PUT", path, target.scale,
              [this, key, stored, document, decision, &host,
               done = std::move(done)](const api_response& r) {
                const auto then = known_.find(key);
                if (then == known_.end()) return done({});
                const auto why =
                    r.code < 300 ? "" : model::status_from_text(r.body.bytes()).message;
                rescaled(*decision, *document, why, then->second.memory, host.now());
                finish(stored, *decision, host, done);
              });
  }

  void find_pods(known& k, const model::object_key& key, model::scale_target& target,
                 const controller_host& host) {
    k.selector = model::string_at(target.scale, {"status", "selector"});
    std::string error;
    const auto selector = model::label_selector::parse(k.selector, error);
    if (k.selector.empty() || !selector) return;
    std::unordered_map<std::string, std::pair<std::uint64_t, model::autoscaled_pod>> pods;
    const auto others = others_of(key);
    std::set<std::string> rivals{key.name};
    for (const auto& pod : host.cache().list("pods", key.ns).objects) {
      if (!selector->matches(pod->header().labels)) continue;
      for (const auto& [name, other] : others)
        if (other.matches(pod->header().labels)) rivals.insert(name);
      target.pods.push_back(measured(k, *pod, host));
      pods[pod->header().uid] = {pod->version(), target.pods.back().pod};
    }
    k.pods = std::move(pods);
    target.rivals.assign(rivals.begin(), rivals.end());
  }

  static model::measured_pod measured(const known& k, const model::object& pod,
                                      const controller_host& host) {
    model::measured_pod out;
    const auto before = k.pods.find(pod.header().uid);
    const bool same = before != k.pods.end() && before->second.first == pod.version();
    out.pod = same ? before->second.second : model::autoscaled_pod(pod);
    const auto* node = model::find(pod.header().fields, "spec.nodeName");
    const auto report = node ? host.cache().figures().of(*node, host.now()) : nullptr;
    const auto* use = report ? report->figures->pod(pod.key().ns, pod.key().name) : nullptr;
    if (!use || use->containers.empty()) return out;
    out.figures = *use;
    out.at = report->at;
    out.window = report->figures->window;
    return out;
  }

  // Selectors of the namespace's other autoscalers, as far as they have been looked at.
  std::map<std::string, model::label_selector> others_of(const model::object_key& key) const {
    std::map<std::string, model::label_selector> out;
    for (const auto& [text, other] : known_) {
      const auto k = parse_key(text);
      if (k.ns != key.ns || k.name == key.name || other.selector.empty()) continue;
      std::string error;
      if (auto selector = model::label_selector::parse(other.selector, error))
        out.emplace(k.name, std::move(*selector));
    }
    return out;
  }

  void finish(const model::object_ptr& stored, const model::autoscaling& decision,
              controller_host& host, done_fn done) {
    const workload about{stored, "autoscaling/v2", "HorizontalPodAutoscaler"};
    for (const auto& r : decision.remarks)
      about.tell(host, r.warning ? "Warning" : "Normal", r.reason, r.message);
    put_status(stored->key(), stored->header().uid, decision.status, host,
               [done = std::move(done)](outcome o) {
                 if (o.failure.empty() && !o.again) o.again = period;
                 done(std::move(o));
               });
  }

  std::unordered_map<std::string, known> known_;
};

}  // namespace

controller_actor spawn_autoscaler_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<autoscaler_controller>());
}

}  // namespace troupe
