// Room that pods have been promised, and room that is on its way to be offered.
#include "model/scheduling/offer_table.hpp"
#include "model/scheduling/preemption.hpp"

#include <algorithm>

namespace troupe::model {

void offer_table::nominate(const pod_view_ptr& pod, const std::string& node) {
  forget_nomination(pod->uid);
  nominations_[pod->uid] = node;
  nominated_[node].push_back(pod);
  promises_changed(node);
}

void offer_table::forget_nomination(const std::string& uid) {
  const auto at = nominations_.find(uid);
  if (at == nominations_.end()) return;
  const auto list = nominated_.find(at->second);
  std::erase_if(list->second, [&](const auto& p) { return p->uid == uid; });
  if (list->second.empty()) nominated_.erase(list);
  promises_changed(at->second);
  nominations_.erase(at);
}

void offer_table::promises_changed(const std::string& node) {
  if (const auto at = rows_.find(node); at != rows_.end()) changed(at->second);
}

void offer_table::forget_nominations() {
  nominations_.clear();
  nominated_.clear();
  sent_away_.clear();
  memories_.clear();
  orders_.clear();
}

std::vector<pod_view_ptr> offer_table::nominated_below(const std::string& node,
                                                       std::int32_t priority) const {
  std::vector<pod_view_ptr> out;
  if (const auto at = nominated_.find(node); at != nominated_.end())
    for (const auto& p : at->second)
      if (p->priority < priority) out.push_back(p);
  return out;
}

usage offer_table::with_nominated(std::size_t row, const pod_view& pod) const {
  usage u = used_[row];
  if (const auto at = nominated_.find(names_[row]); at != nominated_.end())
    for (const auto& p : at->second)
      if (p->priority >= pod.priority && p->uid != pod.uid) u.add(*p);
  return u;
}

// The table knows of a promise before the pod says so.
const std::string* offer_table::promised_node(const pod_view& pod) const {
  const auto at = nominations_.find(pod.uid);
  if (at != nominations_.end()) return &at->second;
  return pod.nominated_node.empty() ? nullptr : &pod.nominated_node;
}

// PodEligibleToPreemptOthers of kube-scheduler, whose view of a node loses its pods and gets their
// room at once. Here the room comes with the node's offer, some time after the pods have left.
bool offer_table::awaits_room(const pod_view& pod) const {
  const auto* node = promised_node(pod);
  if (!node) return false;
  const auto at = rows_.find(*node);
  if (at == rows_.end()) return false;
  if (left_.contains(*node)) return true;
  const auto& there = pods_.pods_on(ids_[at->second]);
  return std::any_of(there.begin(), there.end(), [&](const auto* e) {
    return e->priority < pod.priority && e->object &&
           (ends_by_preemption(*e->object) || sent_away_.contains(e->object->header().uid));
  });
}

// A node that is not in the table offers nothing.
void offer_table::left(const std::string& node, std::uint64_t version) {
  if (version <= reflected_ || !rows_.contains(node)) return;
  auto& newest = left_[node];
  newest = std::max(newest, version);
}

void offer_table::offers_reflect(std::uint64_t version) {
  reflected_ = version;
  std::erase_if(left_, [&](const auto& one) { return one.second <= version; });
}

offer_table::moment offer_table::now() const {
  moment m{assumptions_, 0};
  for (const auto& [node, version] : left_) m.version = std::max(m.version, version);
  return m;
}

}  // namespace troupe::model
