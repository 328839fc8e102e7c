#include "actors/controllers/batches.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/pod_control.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/api_path.hpp"
#include "model/autoscaling/autoscaler.hpp"
#include "model/autoscaling/served_measures.hpp"
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

// A kind that is served, and what keeps it so.
struct served_kind {
  std::shared_ptr<const void> alive;
  const model::kind_info* kind = nullptr;
  std::string group;  // that was asked for
};

// The kind that a CrossVersionObjectReference names, at the preferred version of its group; without
// one `failure` says why.
served_kind kind_of(const store::cache& objects, const json& reference, std::string& failure) {
  const std::string version = model::string_at(reference, {"apiVersion"});
  const std::string kind = model::string_at(reference, {"kind"});
  served_kind out;
  if (std::count(version.begin(), version.end(), '/') > 1) {
    failure = "unexpected GroupVersion string: " + version;
    return out;
  }
  const auto slash = version.find('/');
  out.group = slash == version.npos ? "" : version.substr(0, slash);
  for (const auto& k : model::schema::instance().kinds())
    if (k.group == out.group && k.kind == kind) return {nullptr, &k, out.group};
  const auto custom = objects.custom_kinds();
  for (const auto& [resource, definition] : custom->definitions())
    if (definition->group == out.group && definition->kind == kind)
      for (const auto& v : definition->versions)
        if (v->served) return {custom, &v->kind, out.group};
  failure = "no matches for kind \"" + kind + "\" in group \"" + out.group + "\"";
  return out;
}

std::string path_of_scale(const store::cache& objects, const json& reference, const std::string& ns,
                          std::string& failure) {
  const auto found = kind_of(objects, reference, failure);
  if (found.kind)
    return model::resource_path(*found.kind, ns, model::string_at(reference, {"name"})) + "/scale";
  if (failure.starts_with("no matches"))
    failure = "unable to determine resource for scale target reference: " + failure;
  return {};
}

// The version of a group of measures that somebody serves, the newest that is understood; empty:
// there is none.
std::string served_version(const store::cache& objects, std::string_view group) {
  for (const char* version : {"v1beta2", "v1beta1"}) {
    std::string name = version;
    name += '.';
    name += group;
    if (objects.get({resources::api_services, {}, name})) return version;
  }
  return {};
}

model::measure_reply reply_of(const api_response& r) {
  if (r.code >= 300) return {{}, model::status_from_text(r.body.bytes()).message};
  auto parsed = model::parse_json(r.body.bytes());
  return {std::move(parsed.value), std::move(parsed.error)};
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
    auto target = std::make_shared<model::scale_target>();
    target->failure = std::move(failure);
    if (scale.empty()) return decide(key, stored, document, target, {}, host, std::move(done));
    host.call("GET", scale, json(),
              [this, key, stored, document, target, scale, &host,
               done = std::move(done)](const api_response& r) {
                if (r.code >= 300)
                  target->failure = model::status_from_text(r.body.bytes()).message;
                else
                  target->scale = model::parse_json(r.body.bytes()).value;
                ask_measures(stored->key().ns, *document, target, host, [=, this, &host] {
                  decide(key, stored, document, target, scale, host, done);
                });
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

  using target_ptr = std::shared_ptr<model::scale_target>;

  // Asks other API servers for what they measure, all at once.
  static void ask_measures(const std::string& ns, const json& document, const target_ptr& target,
                           controller_host& host, std::function<void()> then_do) {
    std::vector<std::pair<std::size_t, std::string>> asked;
    const json& metrics = model::at(document, {"spec", "metrics"});
    for (std::size_t i = 0; i < metrics.size() && target->failure.empty(); ++i) {
      const auto group = model::measure_group(metrics[i]);
      if (group.empty()) continue;
      model::measure_request r{served_version(host.cache(), group),
                               ns,
                               model::string_at(target->scale, {"status", "selector"}),
                               {}};
      if (r.version.empty()) continue;
      if (const json& about = model::at(metrics[i], {"object", "describedObject"});
          about.is_object()) {
        std::string unknown;
        const auto found = kind_of(host.cache(), about, unknown);
        if (!found.kind) {
          std::string kind = model::string_at(about, {"kind"});
          if (!found.group.empty()) kind += "." + found.group;
          target->replies[i].failure = "unable to map kind " + kind + " to resource: " + unknown;
          continue;
        }
        r.resource = found.kind->resource;
      }
      asked.emplace_back(i, model::measure_target(metrics[i], r));
    }
    const auto count = asked.size();
    call_all(
        count,
        [asked = std::move(asked), target, &host](std::size_t i,
                                                  std::function<void(std::string)> ended) {
          host.call("GET", asked[i].second, json(),
                    [target, place = asked[i].first, ended](const api_response& r) {
                      target->replies[place] = reply_of(r);
                      ended({});
                    });
        },
        [then_do = std::move(then_do)](const batch_result&) { then_do(); });
  }

  void decide(const std::string& key, const model::object_ptr& stored,
              const std::shared_ptr<const json>& document, const target_ptr& seen,
              const std::string& path, controller_host& host, done_fn done) {
    const auto at = known_.find(key);
    if (at == known_.end()) return done({});
    model::scale_target& target = *seen;
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
    put_status(*stored, decision.status, host, [done = std::move(done)](outcome o) {
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
