#include "model/workload/daemon_set_plan.hpp"

#include "model/validation/int_or_percent.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// Counts that Go leaves out when they are 0.
void put_count(json& status, const char* name, std::int64_t count) {
  if (count == 0)
    status.erase(name);
  else
    status[name] = count;
}

class daemon_planner {
 public:
  daemon_planner(const daemon_set_view& set, const node_views& nodes,
                 const std::vector<daemon_entry>& pods, const std::string& hash, time_point now)
      : set_(set), nodes_(nodes), hash_(hash), now_(now) {
    for (const auto& pod : pods)
      if (!pod.facts->target.empty() && !(pod.facts->ended() && pod.facts->deleting))
        on_node_[pod.facts->target].push_back(pod);
    for (auto& [node, there] : on_node_)
      std::ranges::sort(there, {}, [](const daemon_entry& e) {
        return std::pair(e.facts->created, e.object->key().name);
      });
    for (const auto& [name, node] : nodes_) {
      places_[name] = place_of(set_, *node);
      if (places_[name].runs) ++desired_;
    }
    surge_ = scaled_value(set_.max_surge, desired_, true);
    unavailable_ = scaled_value(set_.max_unavailable, desired_, true);
    if (desired_ > 0 && surge_ == 0 && unavailable_ == 0) unavailable_ = 1;
  }

  daemon_plan plan() {
    for (const auto& [name, place] : places_) manage(name, place);
    for (const auto& [name, pods] : on_node_)
      if (!nodes_.contains(name)) remove_waiting(pods);
    if (set_.rolling && plan_.created.empty() && plan_.removed.empty() && plan_.failed.empty()) {
      if (surge_ == 0)
        replace();
      else
        surge();
    }
    count();
    return std::move(plan_);
  }

 private:
  const std::vector<daemon_entry>& there(const std::string& node) const {
    static const std::vector<daemon_entry> none;
    const auto at = on_node_.find(node);
    return at == on_node_.end() ? none : at->second;
  }

  bool available(const daemon_entry& pod) {
    if (const auto at = pod.facts->available_at(set_.min_ready);
        at && *at > now_ && (!plan_.next || *at < *plan_.next))
      plan_.next = at;
    return pod.facts->available(set_.min_ready, now_);
  }

  void remove_all(const std::vector<daemon_entry>& pods) {
    for (const auto& pod : pods)
      if (!pod.facts->deleting) plan_.removed.push_back(pod.object);
  }

  // What is on a node that is gone is for others to clear away.
  void remove_waiting(const std::vector<daemon_entry>& pods) {
    for (const auto& pod : pods)
      if (!pod.facts->deleting && pod.facts->node.empty()) plan_.removed.push_back(pod.object);
  }

  // kube's podsShouldBeOnNode.
  void manage(const std::string& node, const daemon_place& place) {
    const auto& pods = there(node);
    if (place.runs && pods.empty()) return plan_.created.push_back(node);
    if (!place.stays) return remove_all(pods);
    std::vector<daemon_entry> running;
    for (const auto& pod : pods) {
      if (pod.facts->deleting) continue;
      if (pod.facts->phase == "Failed") {
        plan_.failed.push_back(pod);
      } else if (pod.facts->phase == "Succeeded") {
        plan_.remarks.push_back({"SucceededDaemonPod", "Found succeeded daemon pod " +
                                                           pod.object->key().ns + "/" +
                                                           pod.object->key().name + " on node " +
                                                           node + ", will try to delete it"});
        plan_.removed.push_back(pod.object);
      } else {
        running.push_back(pod);
      }
    }
    if (running.size() > 1) prune(running);
  }

  // More than one: the oldest stays, and while surging the oldest of each version.
  void prune(const std::vector<daemon_entry>& running) {
    const daemon_entry* fresh = nullptr;
    const daemon_entry* old = nullptr;
    for (const auto& pod : running) {
      const daemon_entry*& kept = pod.facts->hash == hash_ && surge_ > 0 ? fresh : old;
      if (kept)
        plan_.removed.push_back(pod.object);
      else
        kept = &pod;
    }
    if (fresh && old && (!old->facts->ready || available(*fresh)))
      plan_.removed.push_back(old->object);
  }

  // The pods of a node by version (kube's findUpdatedPodsOnNode); false when there are two of one.
  struct versions {
    const daemon_entry* fresh = nullptr;
    const daemon_entry* old = nullptr;
  };
  bool versions_on(const std::vector<daemon_entry>& pods, versions& out) const {
    for (const auto& pod : pods) {
      if (pod.facts->deleting) continue;
      const daemon_entry*& place = pod.facts->is_of(set_, hash_) ? out.fresh : out.old;
      if (place) return false;
      place = &pod;
    }
    return true;
  }

  // Old pods go as far as pods may be missing; what is not available anyway goes first.
  void replace() {
    std::int64_t missing = 0;
    std::vector<object_ptr> going;
    std::vector<object_ptr> candidates;
    for (const auto& [node, pods] : on_node_) {
      versions v;
      if (!versions_on(pods, v) || !v.fresh == !v.old) {
        ++missing;  // manage() has to do with it
      } else if (v.fresh) {
        if (!available(*v.fresh)) ++missing;
      } else if (!available(*v.old)) {
        going.push_back(v.old->object);
        ++missing;
      } else {
        candidates.push_back(v.old->object);
      }
    }
    take(candidates, unavailable_ - missing, going);
    plan_.removed = std::move(going);
  }

  // New pods beside old ones, as far as the surge lets; an old one goes when its successor is
  // available.
  void surge() {
    std::int64_t surging = 0;
    std::vector<std::string> coming;
    std::vector<std::string> candidates;
    for (const auto& [node, pods] : on_node_) {
      versions v;
      const bool clear = versions_on(pods, v);
      if (clear && !v.old) continue;
      if (clear && !v.fresh)
        (available(*v.old) ? candidates : coming).push_back(node);
      else if (clear && available(*v.fresh))
        plan_.removed.push_back(v.old->object);
      else
        ++surging;
    }
    take(candidates, surge_ - surging, coming);
    for (auto& node : coming)
      if (nodes_.contains(node) && places_[node].runs) plan_.created.push_back(std::move(node));
  }

  template <class T>
  static void take(std::vector<T>& from, std::int64_t most, std::vector<T>& to) {
    for (std::int64_t i = 0; i < most && i < static_cast<std::int64_t>(from.size()); ++i)
      to.push_back(std::move(from[static_cast<std::size_t>(i)]));
  }

  void count() {
    std::int64_t current = 0;
    std::int64_t misscheduled = 0;
    std::int64_t ready = 0;
    std::int64_t available_pods = 0;
    std::int64_t updated = 0;
    for (const auto& [node, place] : places_) {
      const auto& pods = there(node);
      if (pods.empty()) continue;
      if (!place.runs) {
        ++misscheduled;
        continue;
      }
      ++current;
      const auto& oldest = pods.front();
      if (oldest.facts->ready) ++ready;
      if (available(oldest)) ++available_pods;
      if (oldest.facts->is_of(set_, hash_)) ++updated;
    }
    json& status = plan_.status = set_.status;
    status["observedGeneration"] = set_.generation;
    status["desiredNumberScheduled"] = desired_;
    status["currentNumberScheduled"] = current;
    status["numberMisscheduled"] = misscheduled;
    status["numberReady"] = ready;
    put_count(status, "updatedNumberScheduled", updated);
    put_count(status, "numberAvailable", available_pods);
    put_count(status, "numberUnavailable", desired_ - available_pods);
  }

  const daemon_set_view& set_;
  const node_views& nodes_;
  const std::string& hash_;
  const time_point now_;
  std::map<std::string, std::vector<daemon_entry>> on_node_;
  std::map<std::string, daemon_place> places_;
  std::int64_t desired_ = 0;
  std::int64_t surge_ = 0;
  std::int64_t unavailable_ = 0;
  daemon_plan plan_;
};

}  // namespace

daemon_plan plan_daemon_set(const daemon_set_view& set, const node_views& nodes,
                            const std::vector<daemon_entry>& pods, const std::string& hash,
                            time_point now) {
  return daemon_planner(set, nodes, pods, hash, now).plan();
}

}  // namespace troupe::model
