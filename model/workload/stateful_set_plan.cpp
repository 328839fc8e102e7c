#include "model/workload/stateful_set.hpp"

#include <algorithm>
#include <map>

namespace troupe::model {
namespace {

constexpr const char* claims_resource = "persistentvolumeclaims";
constexpr std::size_t most_steps = 500;  ///< of one look

class set_planner {
 public:
  set_planner(const object& stored, const std::vector<set_pod_entry>& pods,
              const set_revisions& revisions, const object_lookup& lookup, time_point now)
      : stored_(stored),
        set_(stored.view<stateful_set_view>()),
        pods_(pods),
        revisions_(revisions),
        lookup_(lookup),
        now_(now) {}

  set_plan run() {
    sort_out();
    write_status();
    if (!set_->deleting) decide();
    plan_.live = {revisions_.current, revisions_.update};
    for (const auto& pod : pods_) plan_.live.push_back(pod.facts.revision);
    return std::move(plan_);
  }

 private:
  struct place {
    std::int64_t ordinal = 0;
    const set_pod_entry* pod = nullptr;  ///< null: to be made
  };

  // Of a set of a million replicas only those are looked at that there are, and the next to make.
  void sort_out() {
    for (const auto& pod : pods_) {
      const auto ordinal = set_->ordinal_of(pod.object->key().name);
      if (!ordinal) continue;
      if (set_->in_range(*ordinal))
        replicas_.emplace(*ordinal, &pod);
      else
        condemned_.push_back({*ordinal, &pod});
    }
    std::ranges::sort(condemned_, {}, &place::ordinal);
    for (auto ordinal = set_->start; set_->in_range(ordinal) && !first_unhealthy_; ++ordinal) {
      const auto* pod = replica(ordinal);
      if (!pod || !pod->facts.healthy()) first_unhealthy_ = ordinal;
    }
    for (const auto& p : condemned_)
      if (!p.pod->facts.healthy())
        first_unhealthy_ = std::min(first_unhealthy_.value_or(p.ordinal), p.ordinal);
  }

  const set_pod_entry* replica(std::int64_t ordinal) const {
    const auto at = replicas_.find(ordinal);
    return at == replicas_.end() ? nullptr : at->second;
  }

  void decide() {
    for (const auto& p : condemned_) settle_claims(*p.pod);
    bool stop = false;
    for (auto ordinal = set_->start; set_->in_range(ordinal); ++ordinal) {
      stop = keep({ordinal, replica(ordinal)}) || stop;
      if ((stop && !set_->parallel) || plan_.steps.size() >= most_steps) return;
    }
    if (stop) return;
    for (auto p = condemned_.rbegin(); p != condemned_.rend(); ++p) {
      stop = condemn(*p) || stop;
      if (stop && !set_->parallel) return;
    }
    if (!stop && set_->rolling) update();
  }

  void remove(const set_pod_entry& pod) {
    set_step step;
    step.what = set_step::kind::remove;
    step.name = pod.object->key().name;
    step.pod = pod.object;
    plan_.steps.push_back(std::move(step));
  }

  bool available(const set_pod_entry& pod) {
    if (!pod.facts.running()) return false;
    const auto at = pod.facts.available_at(set_->min_ready);
    if (pod.facts.available(set_->min_ready, now_)) return true;
    if (at) plan_.next = std::min(plan_.next.value_or(*at), *at);
    return false;
  }

  // Whether to go no further now.
  bool keep(const place& p) {
    if (!p.pod) return create(p.ordinal);
    const auto& facts = p.pod->facts;
    if (facts.ended()) return replace(*p.pod);
    if (facts.phase == "Pending") add_missing_claims(p);
    if (!set_->parallel && (facts.deleting || !available(*p.pod))) return true;
    fix_identity(*p.pod);
    settle_claims(*p.pod);
    return false;
  }

  bool create(std::int64_t ordinal) {
    const bool old = set_->rolling && ordinal < set_->start + set_->partition;
    set_step step;
    step.name = set_->pod_name(ordinal);
    step.body = pod_of_set(stored_, old ? revisions_.current_template : set_->template_,
                           old ? revisions_.current : revisions_.update, ordinal);
    if (!claims_are_free(step.name, ordinal)) return true;
    step.claims = missing_claims(ordinal);
    plan_.steps.push_back(std::move(step));
    return !set_->parallel;
  }

  // A pod that ended, with success or without: another takes its place once it is gone.
  bool replace(const set_pod_entry& pod) {
    if (pod.facts.deleting) return true;
    const bool failed = pod.facts.phase == "Failed";
    plan_.remarks.push_back({failed ? "RecreatingFailedPod" : "RecreatingTerminatedPod",
                             "StatefulSet " + stored_.key().ns + "/" + set_->name +
                                 " is recreating " + (failed ? "failed" : "terminated") + " Pod " +
                                 pod.object->key().name,
                             failed});
    remove(pod);
    return true;
  }

  object_ptr claim(const std::string& name) const {
    return lookup_({claims_resource, stored_.key().ns, name});
  }

  // Claims of an earlier pod of this name go with that one.
  bool claims_are_free(const std::string& pod, std::int64_t ordinal) {
    bool free = true;
    for (const json& c : claims_of_set(stored_, ordinal)) {
      const auto name = string_at(c, {"metadata", "name"});
      const auto there = claim(name);
      if (!there) continue;
      bool stale = there->header().deleting;
      const json document = there->parse();
      for (const json& owner : at(document, {"metadata", "ownerReferences"}))
        stale = stale || (string_at(owner, {"kind"}) == "Pod" && string_at(owner, {"name"}) == pod);
      if (!stale) continue;
      free = false;
      plan_.waits_for.push_back(name);
    }
    return free;
  }

  std::vector<json> missing_claims(std::int64_t ordinal) const {
    auto out = claims_of_set(stored_, ordinal);
    std::erase_if(out, [&](const json& c) {
      return claim(string_at(c, {"metadata", "name"})) != nullptr;
    });
    return out;
  }

  void add_missing_claims(const place& p) {
    auto missing = missing_claims(p.ordinal);
    if (missing.empty()) return;
    set_step step;
    step.what = set_step::kind::claim;
    step.name = p.pod->object->key().name;
    step.claims = std::move(missing);
    plan_.steps.push_back(std::move(step));
  }

  void fix_identity(const set_pod_entry& pod) {
    const auto& labels = pod.object->header().labels;
    const auto& name = pod.object->key().name;
    constexpr const char* label = "statefulset.kubernetes.io/pod-name";
    if (const auto* found = find(labels, label); found && *found == name) return;
    set_step step;
    step.what = set_step::kind::label;
    step.name = name;
    step.pod = pod.object;
    step.body = {{"metadata", {{"uid", pod.facts.uid}, {"labels", {{label, name}}}}}};
    plan_.steps.push_back(std::move(step));
  }

  // Who owns the pod's claims, by the retention policy.
  void settle_claims(const set_pod_entry& pod) {
    const auto ordinal = set_->ordinal_of(pod.object->key().name);
    for (const json& c : claims_of_set(stored_, ordinal.value_or(0))) {
      const auto there = claim(string_at(c, {"metadata", "name"}));
      const auto owners = there ? claim_owners(stored_, *pod.object, *there) : std::nullopt;
      if (!owners) continue;
      set_step step;
      step.what = set_step::kind::claim;
      step.name = pod.object->key().name;
      step.body = there->parse();
      if (owners->empty())
        step.body["metadata"].erase("ownerReferences");
      else
        step.body["metadata"]["ownerReferences"] = *owners;
      plan_.steps.push_back(std::move(step));
    }
  }

  bool condemn(const place& p) {
    if (p.pod->facts.deleting) return !set_->parallel;
    if (!set_->parallel && first_unhealthy_ != p.ordinal && !available(*p.pod)) return true;
    remove(*p.pod);
    return true;
  }

  // The highest ordinal that is not of the update revision goes, when those above it are healthy.
  void update() {
    for (auto ordinal = set_->start + set_->replicas - 1; ordinal >= set_->start + set_->partition;
         --ordinal) {
      const auto* pod = replica(ordinal);
      if (!pod) return;
      if (pod->facts.revision != revisions_.update && !pod->facts.deleting) return remove(*pod);
      if (!pod->facts.healthy()) return;
    }
  }

  void write_status() {
    std::int64_t total = 0, ready = 0, is_available = 0, current = 0, updated = 0;
    for (const auto& pod : pods_) {
      ++total;
      if (pod.facts.running()) {
        ++ready;
        is_available += available(pod) ? 1 : 0;
      }
      if (pod.facts.deleting) continue;
      current += pod.facts.revision == revisions_.current ? 1 : 0;
      updated += pod.facts.revision == revisions_.update ? 1 : 0;
    }
    json& s = plan_.status;
    s = json::object();
    if (const json& conditions = at(set_->status, {"conditions"}); !conditions.is_null())
      s["conditions"] = conditions;
    auto current_revision = revisions_.current;
    if (set_->rolling && updated == set_->replicas && ready == set_->replicas &&
        total == set_->replicas) {
      current = updated;
      current_revision = revisions_.update;
    }
    const json& collisions = at(set_->status, {"collisionCount"});
    s["collisionCount"] = collisions.is_null() ? json(0) : collisions;
    s["observedGeneration"] = set_->generation;
    s["currentRevision"] = current_revision;
    s["updateRevision"] = revisions_.update;
    s["replicas"] = total;
    s["availableReplicas"] = is_available;
    const std::pair<const char*, std::int64_t> counts[] = {
        {"readyReplicas", ready}, {"currentReplicas", current}, {"updatedReplicas", updated}};
    for (const auto& [member, count] : counts)
      if (count != 0) s[member] = count;
  }

  const object& stored_;
  const std::shared_ptr<const stateful_set_view> set_;
  const std::vector<set_pod_entry>& pods_;
  const set_revisions& revisions_;
  const object_lookup& lookup_;
  const time_point now_;
  set_plan plan_;
  std::map<std::int64_t, const set_pod_entry*> replicas_;  // by ordinal
  std::vector<place> condemned_;                           // in order
  std::optional<std::int64_t> first_unhealthy_;            // its ordinal
};

}  // namespace

set_plan plan_stateful_set(const object& stored, const std::vector<set_pod_entry>& pods,
                           const set_revisions& revisions, const object_lookup& lookup,
                           time_point now) {
  return set_planner(stored, pods, revisions, lookup, now).run();
}

}  // namespace troupe::model
