#include "model/workload/rollout.hpp"

#include "model/workload/deployment_scale.hpp"
#include "model/workload/deployment_status.hpp"
#include "model/workload/pod_template.hpp"
#include "model/workload/revisions.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// Carries the planning of one Deployment: each part adds steps, and changes the sets as if they had
// been done.
class rollout_planner {
 public:
  rollout_planner(const deployment_view& d, rollout_sets sets, const json& owner, time_point now)
      : d_(d), owner_(owner), now_(now), status_(d.status), old_(std::move(sets)) {
    sort_by_age(old_);
    const json wanted = without_hash(d.template_);
    const auto at = std::ranges::find(old_, wanted, &rollout_set::template_);
    if (at == old_.end()) return;
    fresh_ = std::move(*at);
    old_.erase(at);
  }

  rollout_plan plan(const std::vector<std::string>& sets_with_pods) {
    if (d_.deleting) return count();
    set_paused(d_, status_, now_);
    take_fresh();
    if (d_.paused || is_scaling(d_, fresh(), old_)) {
      scale(scale_proportionally(d_, fresh(), old_));
      if (d_.paused) clean_up();
      return count();
    }
    if (d_.recreate)
      recreate(sets_with_pods);
    else
      roll_on();
    plan_.status = rollout_status(d_, status_, fresh(), old_, now_);
    plan_.wake = deadline_of(d_, plan_.status);
    return std::move(plan_);
  }

 private:
  rollout_set* fresh() { return fresh_ ? &*fresh_ : nullptr; }

  rollout_plan count() {
    plan_.status = counted_status(d_, status_, fresh(), old_, now_);
    return std::move(plan_);
  }

  // The ReplicaSet of the template is there: its annotations and revision follow.
  void take_fresh() {
    if (!fresh_) return;
    const json before = fresh_->annotations;
    take_annotations(d_, fresh_->annotations, max_revision(old_) + 1);
    json patch = json::object();
    for (const auto& [key, value] : fresh_->annotations.items())
      if (at(before, {key}) != value) patch["metadata"]["annotations"][key] = value;
    if (fresh_->min_ready != d_.min_ready) patch["spec"]["minReadySeconds"] = d_.min_ready;
    if (!patch.empty()) update(*fresh_, std::move(patch), {});
    set_revision(string_at(fresh_->annotations, {revision_annotation}));
    if (is_news())
      set_progressing(d_, status_, "True", "FoundNewReplicaSet",
                      "Found new replica set \"" + fresh_->name + "\"", now_);
  }

  // Whether the status tells nothing of a rollout yet, or of the one before alone: who made the new
  // set was stopped before it could say so.
  bool is_news() const {
    for (const json& c : at(status_, {"conditions"}))
      if (string_at(c, {"type"}) == "Progressing")
        return !plan_.revision.empty() && at(c, {"reason"}) == "NewReplicaSetAvailable";
    return true;
  }

  void set_revision(const std::string& revision) {
    if (string_at(d_.annotations, {revision_annotation}) != revision) plan_.revision = revision;
  }

  void make_fresh() {
    const json& collisions = at(status_, {"collisionCount"});
    const std::string hash =
        template_hash(d_.template_, collisions.is_number_integer() ? collisions.get<int>() : 0);
    rollout_set set;
    set.name = d_.name + "-" + hash;
    set.min_ready = d_.min_ready;
    set.template_ = without_hash(d_.template_);
    set.annotations = json::object();
    set.replicas = new_set_replicas(d_, wanted_replicas(old_), 0);
    take_annotations(d_, set.annotations, max_revision(old_) + 1);
    set_size(set);
    rollout_step step{rollout_step::kind::create, set.name, {}, set_document(set, hash), {}};
    if (set.replicas > 0)
      step.told =
          "Scaled up replica set " + set.name + " from 0 to " + std::to_string(set.replicas);
    plan_.steps.push_back(std::move(step));
    set_revision(string_at(set.annotations, {revision_annotation}));
    set_progressing(d_, status_, "True", "NewReplicaSetCreated",
                    "Created new replica set \"" + set.name + "\"", now_);
    fresh_ = std::move(set);
  }

  json set_document(const rollout_set& set, const std::string& hash) const {
    json pods = d_.template_;
    pods["metadata"]["labels"][pod_template_hash_label] = hash;
    json selector = d_.selector_json;
    selector["matchLabels"][pod_template_hash_label] = hash;
    json document = {{"apiVersion", "apps/v1"},
                     {"kind", "ReplicaSet"},
                     {"metadata",
                      {{"name", set.name},
                       {"namespace", d_.ns},
                       {"labels", pods["metadata"]["labels"]},
                       {"annotations", set.annotations},
                       {"ownerReferences", json::array({owner_})}}},
                     {"spec", {{"replicas", set.replicas}, {"selector", std::move(selector)}}}};
    if (d_.min_ready != 0) document["spec"]["minReadySeconds"] = d_.min_ready;
    document["spec"]["template"] = std::move(pods);
    return document;
  }

  // What the Deployment's size was when the set was scaled: proportions are taken of it.
  bool set_size(rollout_set& set) const {
    const json before = set.annotations;
    set.annotations[desired_replicas_annotation] = std::to_string(d_.replicas);
    set.annotations[max_replicas_annotation] = std::to_string(d_.replicas + d_.max_surge);
    return set.annotations != before;
  }

  void scale(const std::vector<set_scale>& scales) {
    for (const auto& s : scales) {
      auto& set = *find(s.name);
      const bool resized = set_size(set);
      if (s.from == s.to && !resized) continue;
      json patch = {{"spec", {{"replicas", s.to}}}};
      for (const char* name : {desired_replicas_annotation, max_replicas_annotation})
        patch["metadata"]["annotations"][name] = set.annotations[name];
      std::string told;
      if (s.from != s.to) {
        told = s.up ? "Scaled up" : "Scaled down";
        told += " replica set " + s.name + " from " + std::to_string(s.from) + " to " +
                std::to_string(s.to);
      }
      update(set, std::move(patch), std::move(told));
    }
  }

  rollout_set* find(const std::string& name) {
    if (fresh_ && fresh_->name == name) return &*fresh_;
    return &*std::ranges::find(old_, name, &rollout_set::name);
  }

  void update(const rollout_set& set, json patch, std::string told) {
    plan_.steps.push_back(
        {rollout_step::kind::update, set.name, set.uid, std::move(patch), std::move(told)});
  }

  void roll_on() {
    if (!fresh_) make_fresh();
    const auto scales = roll(d_, *fresh_, old_);
    scale(scales);
    if (scales.empty() && is_complete(d_, status_)) clean_up();
  }

  void recreate(const std::vector<std::string>& sets_with_pods) {
    const auto down = scale_down_all(old_);
    scale(down);
    if (!down.empty()) return;
    const auto runs = [&](const rollout_set& s) { return s.actual > 0; };
    if (std::ranges::any_of(old_, runs) ||
        std::ranges::any_of(sets_with_pods,
                            [&](const auto& uid) { return !fresh_ || uid != fresh_->uid; }))
      return;
    if (!fresh_) make_fresh();
    if (fresh_->replicas != d_.replicas) {
      const auto from = fresh_->replicas;
      fresh_->replicas = d_.replicas;
      scale({{fresh_->name, from, d_.replicas, d_.replicas > from}});
    }
    if (is_complete(d_, status_)) clean_up();
  }

  void clean_up() {
    if (!d_.history_limit) return;
    for (const auto* s : beyond_history(old_, *d_.history_limit))
      plan_.steps.push_back({rollout_step::kind::remove, s->name, s->uid, {}, {}});
  }

  const deployment_view& d_;
  const json& owner_;
  const time_point now_;
  json status_;
  std::optional<rollout_set> fresh_;
  rollout_sets old_;
  rollout_plan plan_;
};

}  // namespace

rollout_plan plan_rollout(const deployment_view& d, rollout_sets sets,
                          const std::vector<std::string>& sets_with_pods,
                          const json& owner_reference, time_point now) {
  return rollout_planner(d, std::move(sets), owner_reference, now).plan(sets_with_pods);
}

json status_after_collision(const deployment_view& d) {
  json status = d.status;
  const json& count = at(d.status, {"collisionCount"});
  status["collisionCount"] = (count.is_number_integer() ? count.get<std::int64_t>() : 0) + 1;
  return status;
}

json status_after_failure(const deployment_view& d, const std::string& message, time_point now) {
  json status = d.status;
  set_progressing(d, status, "False", "ReplicaSetCreateError", message, now);
  return status;
}

}  // namespace troupe::model
