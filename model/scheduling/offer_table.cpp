#include "model/scheduling/offer_table.hpp"

#include "model/scheduling/scores.hpp"

#include <algorithm>

namespace troupe::model {

/// One pass's static verdicts on all nodes: which may take the pod, and the scores that must be
/// normalised over those that do.
struct offer_table::raw_scores {
  std::vector<std::size_t> feasible;
  std::vector<std::int64_t> affinity;  // by row; empty when the pod prefers nothing
  std::vector<std::int64_t> taints;    // by row; empty when no node has such taints
  std::int64_t highest_affinity = 0;
  std::int64_t highest_taints = 0;

  bool normalises() const { return !affinity.empty() || !taints.empty(); }
};

bool offer_table::candidate::operator<(const candidate& o) const {
  if (score != o.score) return score < o.score;
  if (pods != o.pods) return pods > o.pods;
  return tie < o.tie;
}

void offer_table::set(const std::string& node, node_view_ptr view, usage used) {
  auto [at, fresh] = rows_.try_emplace(node, names_.size());
  const std::size_t row = at->second;
  if (fresh) {
    if (!view) {  // usage of a node never shown: wait for the node itself
      rows_.erase(at);
      return;
    }
    names_.push_back(node);
    views_.emplace_back();
    used_.emplace_back();
    allocatable_.emplace_back();
    taken_.emplace_back();
    nonzero_.emplace_back();
    open_.push_back(true);
  }
  if (view) {
    views_[row] = std::move(view);
    const auto& v = *views_[row];
    allocatable_[row] = {v.allocatable.cpu, v.allocatable.memory, v.allocatable.ephemeral,
                         v.allocatable.pods};
    open_[row] = v.taints.empty() && !v.unschedulable;
  }
  used_[row] = std::move(used);
  if (auto on = assumed_on_.find(node); on != assumed_on_.end())
    for (const auto& uid : on->second) used_[row].add(*assumed_.at(uid).pod);
  refresh(row);
}

void offer_table::refresh(std::size_t row) {
  const auto& u = used_[row];
  taken_[row] = {u.requested.cpu, u.requested.memory, u.requested.ephemeral, u.requested.pods};
  nonzero_[row] = {u.nonzero_cpu, u.nonzero_memory};
}

void offer_table::remove(const std::string& node) {
  const auto at = rows_.find(node);
  if (at == rows_.end()) return;
  const std::size_t row = at->second;
  rows_.erase(at);
  const std::size_t last = names_.size() - 1;
  auto drop = [&](auto& column) {
    if (row != last) column[row] = std::move(column[last]);
    column.pop_back();
  };
  drop(names_);
  drop(views_);
  drop(used_);
  drop(allocatable_);
  drop(taken_);
  drop(nonzero_);
  open_[row] = open_[last];
  open_.pop_back();
  if (row != last) rows_[names_[row]] = row;
}

void offer_table::clear() {
  while (!names_.empty()) remove(std::string(names_.back()));
}

void offer_table::assume(std::size_t row, pod_view_ptr pod) {
  used_[row].add(*pod);
  refresh(row);
  assumed_on_[names_[row]].push_back(pod->uid);
  const std::string uid = pod->uid;
  assumed_[uid] = {names_[row], std::move(pod)};
}

void offer_table::forget(const std::string& uid) {
  const auto at = assumed_.find(uid);
  if (at == assumed_.end()) return;
  const auto gone = std::move(at->second);
  assumed_.erase(at);
  auto& on = assumed_on_[gone.node];
  on.erase(std::find(on.begin(), on.end(), uid));
  if (on.empty()) assumed_on_.erase(gone.node);
  if (const auto row = rows_.find(gone.node); row != rows_.end()) {
    used_[row->second].remove(*gone.pod);
    refresh(row->second);
  }
}

bool offer_table::fits(std::size_t row, const pod_view& pod) const {
  const auto& have = allocatable_[row];
  const auto& gone = taken_[row];
  const auto& want = pod.requests;
  auto lacks = [](std::int64_t w, std::int64_t all, std::int64_t taken) {
    return w > 0 && w > all - taken;
  };
  if (gone.pods + 1 > have.pods || lacks(want.cpu, have.cpu, gone.cpu) ||
      lacks(want.memory, have.memory, gone.memory) ||
      lacks(want.ephemeral, have.ephemeral, gone.ephemeral))
    return false;
  return (pod.ports.empty() && want.extended.empty()) ||
         !usage_filter(pod, *views_[row], used_[row]);
}

offer_table::raw_scores offer_table::judge(const pod_view& pod) const {
  raw_scores raw;
  const bool plain = pod.node_selector.empty() && !pod.required && pod.node_name.empty();
  const bool prefers = !pod.preferred.empty();
  raw.feasible.reserve(size());
  if (prefers) raw.affinity.resize(size());
  for (std::size_t row = 0; row < size(); ++row) {
    if (!fits(row, pod)) continue;
    if (!(plain && open_[row]) && static_filter(pod, *views_[row])) continue;
    raw.feasible.push_back(row);
    if (prefers) {
      raw.affinity[row] = preferred_affinity(pod, *views_[row]);
      raw.highest_affinity = std::max(raw.highest_affinity, raw.affinity[row]);
    }
    if (open_[row]) continue;
    if (const auto taints = intolerable_taints(pod, *views_[row]); taints > 0) {
      raw.taints.resize(size());
      raw.taints[row] = taints;
      raw.highest_taints = std::max(raw.highest_taints, taints);
    }
  }
  return raw;
}

std::int64_t offer_table::score(std::size_t row, const pod_view& pod, const raw_scores& raw) const {
  const auto& have = allocatable_[row];
  std::int64_t sum =
      least_allocated_weight *
          least_allocated_score({nonzero_[row].cpu + pod.nonzero_cpu, have.cpu,
                                 nonzero_[row].memory + pod.nonzero_memory, have.memory}) +
      balanced_allocation_weight *
          balanced_allocation_score({taken_[row].cpu + pod.requests.cpu, have.cpu,
                                     taken_[row].memory + pod.requests.memory, have.memory});
  if (!raw.affinity.empty())
    sum += node_affinity_weight * normalized(raw.affinity[row], raw.highest_affinity, false);
  if (!raw.taints.empty())
    sum += taint_toleration_weight * normalized(raw.taints[row], raw.highest_taints, true);
  return sum;
}

std::vector<std::string> offer_table::place(std::span<const pod_view_ptr> pods,
                                            random_source& random) {
  std::vector<std::string> chosen(pods.size());
  std::vector<candidate> heap;
  raw_scores raw;
  auto entry = [&](std::size_t row) {
    return candidate{score(row, *pods.front(), raw), taken_[row].pods, random.next(), row};
  };
  auto fill = [&] {
    raw = judge(*pods.front());
    heap.clear();
    for (const std::size_t row : raw.feasible) heap.push_back(entry(row));
    std::make_heap(heap.begin(), heap.end());
  };
  if (!pods.empty()) fill();
  for (std::size_t i = 0; i < pods.size() && !heap.empty(); ++i) {
    std::pop_heap(heap.begin(), heap.end());
    const std::size_t row = heap.back().row;
    chosen[i] = names_[row];
    assume(row, pods[i]);
    if (fits(row, *pods[i])) {  // the only node whose score moved
      heap.back() = entry(row);
      std::push_heap(heap.begin(), heap.end());
    } else if (raw.normalises()) {  // the highest raw score may have left with it
      fill();
    } else {
      heap.pop_back();
    }
  }
  return chosen;
}

std::vector<std::string> offer_table::best(const pod_view& pod) const {
  const auto raw = judge(pod);
  std::vector<std::string> names;
  std::int64_t highest = -1;
  for (const std::size_t row : raw.feasible) {
    const auto s = score(row, pod, raw);
    if (s > highest) names.clear(), highest = s;
    if (s == highest) names.push_back(names_[row]);
  }
  return names;
}

diagnosis offer_table::diagnose(const pod_view& pod) const {
  diagnosis d;
  for (std::size_t row = 0; row < size(); ++row)
    if (auto r = filter(pod, *views_[row], used_[row])) d.add(*r);
  // Kubernetes counts all nodes, also in the case (a race alone) that one would now do.
  d.nodes = size();
  return d;
}

}  // namespace troupe::model
