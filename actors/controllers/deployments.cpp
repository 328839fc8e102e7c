#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/ownership_index.hpp"
#include "actors/controllers/pod_control.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/pod_phase.hpp"
#include "model/workload/claim.hpp"
#include "model/workload/rollout.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using model::object_ptr;
using model::rollout_step;
using done_fn = std::function<void(outcome)>;

// Pods that have not ended, by the uid of the ReplicaSet that controls them.
class pod_census {
 public:
  /// The uid of the ReplicaSet whose last pod is gone with this event; else "".
  std::string observe(const store::event& e) {
    const auto key = to_string(e.object->key());
    const auto& header = e.object->header();
    const bool counts = e.type != store::event::kind::deleted && !model::has_ended(*e.object) &&
                        header.controller() && header.controller_kind == "ReplicaSet";
    const std::string now = counts ? *header.controller() : std::string{};
    const auto at = owners_.find(key);
    const std::string before = at == owners_.end() ? std::string{} : at->second;
    if (before == now) return {};
    if (at != owners_.end()) owners_.erase(at);
    if (counts) {
      owners_.emplace(key, now);
      ++counts_[now];
    }
    if (before.empty() || --counts_[before] != 0) return {};
    counts_.erase(before);
    return before;
  }
  bool has(const std::string& uid) const { return counts_.contains(uid); }
  void clear() {
    owners_.clear();
    counts_.clear();
  }

 private:
  std::unordered_map<std::string, std::string> owners_;  // by the pod's key
  std::unordered_map<std::string, std::size_t> counts_;
};

// Carries a plan out: its steps in order, then the status.
struct rollout : std::enable_shared_from_this<rollout> {
  rollout(workload d, model::rollout_plan p, model::deployment_view v, controller_host& h,
          done_fn f)
      : deployment(std::move(d)),
        plan(std::move(p)),
        view(std::move(v)),
        host(h),
        done(std::move(f)) {}

  void go_on() {
    if (at == plan.steps.size()) return put_status(plan.status, {});
    const rollout_step& s = plan.steps[at];
    const auto path = path_of({resources::replica_sets, view.ns, s.name});
    auto reply = [self = shared_from_this()](const api_response& r) { self->answered(r); };
    if (s.what == rollout_step::kind::create)
      return host.call("POST", collection_of(path), s.body, reply);
    if (s.what == rollout_step::kind::remove)
      return host.call("DELETE", path, json{{"preconditions", {{"uid", s.uid}}}}, reply);
    json patch = s.body;
    patch["metadata"]["uid"] = s.uid;
    host.call("PATCH", path, patch, reply);
  }

  void answered(const api_response& r) {
    const rollout_step& s = plan.steps[at];
    if (r.code < 300) {
      if (!s.told.empty()) deployment.tell(host, "Normal", "ScalingReplicaSet", s.told);
      ++at;
      return go_on();
    }
    if (s.what == rollout_step::kind::create) return not_created(s, r);
    // Something else has changed it: plan anew.
    if (r.code == 404 || r.code == 409) return done({{}, after_conflict});
    done(outcome_of(r));
  }

  void not_created(const rollout_step& s, const api_response& r) {
    const auto status = model::status_from_text(r.body.bytes());
    if (status.reason == "AlreadyExists") {
      if (is_ours(s)) return done({{}, after_conflict});
      return put_status(model::status_after_collision(view), status.message);
    }
    if (ends_with_namespace(status)) return done({status.message, std::nullopt});
    const auto message = "Failed to create new replica set \"" + s.name + "\": " + status.message;
    deployment.tell(host, "Warning", "ReplicaSetCreateError", message);
    put_status(model::status_after_failure(view, message, host.now()), status.message);
  }

  // The set of this name is the one that was to be created.
  bool is_ours(const rollout_step& s) const {
    const auto found = host.cache().get({resources::replica_sets, view.ns, s.name});
    if (!found) return true;  // it is gone again
    const auto* owner = found->header().controller();
    return owner && *owner == view.uid &&
           model::rollout_set(*found).template_ == model::without_hash(view.template_);
  }

  // Ends with the failure, if there is one.
  void put_status(const json& status, const std::string& failure) {
    const auto& key = deployment.object->key();
    const auto stored = host.cache().get(key);
    if (!stored || stored->header().uid != view.uid) return done({});
    if (status_is_another(*deployment.object, host)) return done({failure, after_conflict});
    json document = stored->parse();
    const auto end = [self = shared_from_this(), failure](const api_response& r) {
      if (!failure.empty()) return self->done({failure, std::nullopt});
      if (r.code == 409) return self->done({{}, after_conflict});
      auto o = outcome_of(r);
      if (const auto& wake = self->plan.wake)
        o.again =
            std::max(1ms, std::chrono::ceil<std::chrono::milliseconds>(*wake - self->host.now()));
      self->done(std::move(o));
    };
    if (plan.revision.empty() && model::at(document, {"status"}) == status)
      return end(api_response{});
    document["status"] = status;
    if (failure.empty() && !plan.revision.empty())
      document["metadata"]["annotations"][model::revision_annotation] = plan.revision;
    host.call("PUT", path_of(key) + "/status", document, end);
  }

  const workload deployment;
  const model::rollout_plan plan;
  const model::deployment_view view;
  controller_host& host;
  const done_fn done;
  std::size_t at = 0;
};

// Replaces ReplicaSets step by step, as Deployments ask for it. Keys are those of Deployments.
struct deployment_controller : controller {
  std::string name() const override { return "deployment-controller"; }
  std::vector<std::string> resources() const override {
    return {resources::deployments, resources::replica_sets, "pods"};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == resources::deployments) return sets_.forget_controllers();
    if (resource == "pods") census_.clear();
    if (resource == resources::replica_sets) sets_.forget_dependents();
    for (const auto& key : sets_.controllers()) host.visit(key, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& resource = e.object->key().resource;
    const bool deleted = e.type == store::event::kind::deleted;
    if (resource == "pods") {
      const auto set = census_.observe(e);
      if (const auto at = owner_of_.find(set); at != owner_of_.end())
        if (const auto* key = sets_.controller(at->second)) host.visit(*key, 0ms);
    } else if (resource == resources::replica_sets) {
      const auto* owner = e.object->header().controller();
      if (owner && !deleted)
        owner_of_[e.object->header().uid] = *owner;
      else
        owner_of_.erase(e.object->header().uid);
      for (const auto& key : sets_.observe(e)) host.visit(key, 0ms);
    } else if (deleted) {
      sets_.drop_controller(to_string(e.object->key()));
    } else {
      sets_.put_controller(*e.object, model::deployment_view(*e.object).selector, host.cache());
      host.visit(to_string(e.object->key()), 0ms);
    }
  }

  void reconcile(const std::string& key, controller_host& host, done_fn done) override {
    const object_ptr object = host.cache().get(parse_key(key));
    if (!object) return done({});
    model::deployment_view view(*object);
    if (!view.selector) return done({});
    workload deployment{object, "apps/v1", "Deployment"};
    model::rollout_sets sets;
    std::vector<std::string> with_pods;
    claims claimed;
    for (const auto& [set_key, set] : sets_.owned(view.uid)) {
      if (!view.selector->matches(set.object->header().labels)) {
        if (claim_of(*object, *view.selector, *set.object) == model::claim::release)
          claimed.released.push_back(set.object);
        continue;
      }
      sets.push_back(set.facts);
      if (census_.has(set.facts.uid)) with_pods.push_back(set.facts.uid);
    }
    for (const auto& set : sets_.orphans(view.ns, *view.selector))
      if (claim_of(*object, *view.selector, *set) == model::claim::adopt)
        claimed.adopted.push_back(set);
    if (!claimed.empty()) return carry_out(deployment, claimed, host, std::move(done));
    auto plan =
        model::plan_rollout(view, std::move(sets), with_pods, deployment.reference(), host.now());
    std::make_shared<rollout>(std::move(deployment), std::move(plan), std::move(view), host,
                              std::move(done))
        ->go_on();
  }

  ownership_index<model::rollout_set> sets_{"Deployment", resources::replica_sets};
  pod_census census_;
  std::unordered_map<std::string, std::string> owner_of_;  // of a ReplicaSet: the Deployment's uid
};

}  // namespace

controller_actor spawn_deployment_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<deployment_controller>());
}

}  // namespace troupe
