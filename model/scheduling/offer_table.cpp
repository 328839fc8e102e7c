#include "model/scheduling/offer_table.hpp"

#include "model/scheduling/offer_table_scores.hpp"
#include "model/scheduling/scores.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// Fewer are not worth forgetting.
constexpr std::size_t least_changes = 1024;

}  // namespace

offer_table::offer_table(profile rules)
    : rules_(std::move(rules)),
      fit_filters_(rules_.filters.has(node_resources_fit)),
      plain_resources_(rules_.scores_plainly()) {}

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
    ids_.push_back(pods_.id_of(node));
    stamps_.push_back(0);
    domains_.append();
  }
  if (view) {
    if (!views_[row] || views_[row]->images != view->images) images_.set(node, view->images);
    views_[row] = std::move(view);
    domains_.set(row, *views_[row]);
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

const node_view* offer_table::node(const std::string& name) const {
  const auto at = rows_.find(name);
  return at == rows_.end() ? nullptr : views_[at->second].get();
}

void offer_table::refresh(std::size_t row) {
  const auto& u = used_[row];
  taken_[row] = {u.requested.cpu, u.requested.memory, u.requested.ephemeral, u.requested.pods};
  nonzero_[row] = {u.nonzero_cpu, u.nonzero_memory};
  changed(row);
}

void offer_table::changed(std::size_t row) {
  ++stamps_[row];
  if (changes_.size() >= std::max(least_changes, size())) {
    changes_before_ += changes_.size();
    changes_.clear();
  }
  changes_.push_back(row);
}

void offer_table::remove(const std::string& node) {
  const auto at = rows_.find(node);
  if (at == rows_.end()) return;
  const std::size_t row = at->second;
  rows_.erase(at);
  left_.erase(node);
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
  drop(ids_);
  drop(stamps_);
  memories_.clear();  // they go by rows
  orders_.clear();
  domains_.remove(row);
  images_.set(node, {});
  open_[row] = open_[last];
  open_.pop_back();
  if (row != last) rows_[names_[row]] = row;
}

void offer_table::clear() {
  while (!names_.empty()) remove(std::string(names_.back()));
}

void offer_table::assume(std::size_t row, pod_view_ptr pod) {
  if (!nominations_.empty()) forget_nomination(pod->uid);
  pods_.assume(pod, names_[row]);
  used_[row].add(*pod);
  refresh(row);
  assumed_on_[names_[row]].push_back(pod->uid);
  const std::string uid = pod->uid;
  assumed_[uid] = {names_[row], std::move(pod), ++assumptions_};
  assumed_in_order_.emplace_back(assumptions_, uid);
}

std::uint64_t offer_table::oldest_assumption() {
  for (; !assumed_in_order_.empty(); assumed_in_order_.pop_front()) {
    const auto& [number, uid] = assumed_in_order_.front();
    const auto at = assumed_.find(uid);
    if (at != assumed_.end() && at->second.number == number) return number;
  }
  return assumptions_ + 1;
}

void offer_table::forget(const std::string& uid) {
  if (const auto at = assumed_.find(uid); at != assumed_.end())
    pods_.forget(at->second.pod->ns, uid);
  settle(uid);
}

offer_table::assumption offer_table::drop_assumption(
    std::unordered_map<std::string, assumption>::iterator at) {
  auto gone = std::move(at->second);
  assumed_.erase(at);
  auto& on = assumed_on_[gone.node];
  on.erase(std::find(on.begin(), on.end(), gone.pod->uid));
  if (on.empty()) assumed_on_.erase(gone.node);
  return gone;
}

void offer_table::keep(const std::string& uid) {
  if (const auto at = assumed_.find(uid); at != assumed_.end()) drop_assumption(at);
}

void offer_table::each(const std::function<void(const node_view&, const usage&)>& f) const {
  for (std::size_t row = 0; row < size(); ++row) f(*views_[row], used_[row]);
}

void offer_table::settle(const std::string& uid) {
  const auto at = assumed_.find(uid);
  if (at == assumed_.end()) return;
  const auto gone = drop_assumption(at);
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
  if (!fit_filters_) [[unlikely]]
    return usage_permits(row, pod);
  if (gone.pods + 1 > have.pods || lacks(want.cpu, have.cpu, gone.cpu) ||
      lacks(want.memory, have.memory, gone.memory) ||
      lacks(want.ephemeral, have.ephemeral, gone.ephemeral))
    return false;
  if (!nominated_.empty() && nominated_.contains(names_[row])) return usage_permits(row, pod);
  return (pod.ports.empty() && want.extended.empty()) ||
         !usage_filter(pod, *views_[row], used_[row], rules_.filters);
}

bool offer_table::usage_permits(std::size_t row, const pod_view& pod) const {
  return !usage_filter(pod, *views_[row], with_nominated(row, pod), rules_.filters);
}

offer_table::raw_scores offer_table::judge(const pod_view& pod, const circumstances& given) const {
  raw_scores raw;
  const bool plain = asks_nothing_of_nodes(pod);
  const bool prefers = prefers_nodes(pod);
  if (prefers) raw.affinity.resize(size());
  if (!rules_.custom.empty()) raw.custom.resize(size());
  const bool taken = is_taken(given);
  if (taken && rules_.filters.has(volume_restrictions)) return raw;  // no node will do
  const auto consider = [&](std::size_t row) {
    if (!fits(row, pod)) return;
    if (!(plain && open_[row]) && static_filter(pod, *views_[row], rules_.filters)) return;
    if (given.volumes && volume_refusal(row, given, taken)) return;
    if (!rules_.custom.empty()) {
      if (custom_refusal(row, pod)) return;
      raw.custom[row] = custom_score(row, pod);
    }
    raw.feasible.push_back(row);
    if (prefers) {
      raw.affinity[row] = preference(row, pod);
      raw.highest_affinity = std::max(raw.highest_affinity, raw.affinity[row]);
    }
    if (const auto taints = taints_of(row, pod); taints > 0) {
      raw.taints.resize(size());
      raw.taints[row] = taints;
      raw.highest_taints = std::max(raw.highest_taints, taints);
    }
  };
  if (const auto names = named_nodes(pod)) {  // a DaemonSet's pod costs no look at other nodes
    for (const auto& name : *names)
      if (const auto at = rows_.find(name); at != rows_.end()) consider(at->second);
  } else {
    raw.feasible.reserve(size());
    for (std::size_t row = 0; row < size(); ++row) consider(row);
  }
  if (prefers_images(pod)) {
    raw.images.resize(size());
    for (const std::size_t row : raw.feasible)
      raw.images[row] = image_locality_score(images_.bytes_on(*views_[row], pod.images, size()),
                                             pod.images.size());
  }
  return raw;
}

bool offer_table::asks_nothing_of_nodes(const pod_view& pod) const {
  return pod.node_selector.empty() && !pod.required && pod.node_name.empty() &&
         !rules_.filters.added_affinity;
}

bool offer_table::prefers_nodes(const pod_view& pod) const {
  return rules_.weights.node_affinity != 0 &&
         (!pod.preferred.empty() || !rules_.added_preferences.empty());
}

bool offer_table::prefers_images(const pod_view& pod) const {
  return rules_.weights.image_locality != 0 && images_.has_any(pod.images);
}

std::int64_t offer_table::taints_of(std::size_t row, const pod_view& pod) const {
  if (open_[row] || rules_.weights.taint_toleration == 0) return 0;
  return intolerable_taints(pod, *views_[row]);
}

std::optional<std::set<std::string>> offer_table::named_nodes(const pod_view& pod) const {
  return rules_.narrows_by_name ? allowed_names(pod) : std::nullopt;
}

std::int64_t offer_table::preference(std::size_t row, const pod_view& pod) const {
  return preferred_affinity(pod.preferred, *views_[row]) +
         preferred_affinity(rules_.added_preferences, *views_[row]);
}

// The resources that the profile names, as calculateResourceAllocatableRequest sees them: CPU and
// memory that nobody asked for count, if not for the balance; others only if the pod wants some.
std::vector<resource_use> offer_table::uses_of(std::size_t row, const pod_view& pod,
                                               const std::vector<scored_resource>& list,
                                               bool estimated) const {
  const auto& node = views_[row]->allocatable;
  const auto& taken = used_[row].requested;
  const auto& want = pod.requests;
  const auto use_of = [&](const std::string& name) -> resource_use {
    if (name == "cpu")
      return {estimated ? nonzero_[row].cpu + pod.nonzero_cpu : taken.cpu + want.cpu, node.cpu};
    if (name == "memory")
      return {estimated ? nonzero_[row].memory + pod.nonzero_memory : taken.memory + want.memory,
              node.memory};
    if (name == "ephemeral-storage") return {taken.ephemeral + want.ephemeral, node.ephemeral};
    const auto wanted = want.extended_amount(name);
    if (wanted == 0) return {};
    return {taken.extended_amount(name) + wanted, node.extended_amount(name)};
  };
  std::vector<resource_use> uses;
  for (const auto& r : list) uses.push_back(use_of(r.name));
  return uses;
}

std::int64_t offer_table::fit_of(std::size_t row, const pod_view& pod) const {
  return fit_score(rules_.fit, uses_of(row, pod, rules_.fit.resources, true));
}

std::int64_t offer_table::balance_of(std::size_t row, const pod_view& pod) const {
  return balance_score(uses_of(row, pod, rules_.balanced, false));
}

// Apart from own_score(), which is to stay small where most pods need nothing of this.
[[gnu::noinline]] std::int64_t offer_table::resource_score(std::size_t row,
                                                           const pod_view& pod) const {
  const auto& weights = rules_.weights;
  std::int64_t sum = 0;
  if (weights.resources_fit != 0) sum += weights.resources_fit * fit_of(row, pod);
  if (weights.balanced_allocation != 0) sum += weights.balanced_allocation * balance_of(row, pod);
  return sum;
}

// By the node alone, whatever other nodes are feasible.
std::int64_t offer_table::own_score(std::size_t row, const pod_view& pod,
                                    const raw_scores& raw) const {
  std::int64_t sum = 0;
  if (plain_resources_) [[likely]] {
    const auto& have = allocatable_[row];
    sum = rules_.weights.resources_fit *
              least_allocated_score({nonzero_[row].cpu + pod.nonzero_cpu, have.cpu,
                                     nonzero_[row].memory + pod.nonzero_memory, have.memory}) +
          rules_.weights.balanced_allocation *
              balanced_allocation_score({taken_[row].cpu + pod.requests.cpu, have.cpu,
                                         taken_[row].memory + pod.requests.memory, have.memory});
  } else {
    sum = resource_score(row, pod);
  }
  if (!raw.custom.empty()) sum += raw.custom[row];
  if (!raw.images.empty()) sum += rules_.weights.image_locality * raw.images[row];
  return sum;
}

std::int64_t offer_table::score(std::size_t row, const pod_view& pod, const raw_scores& raw) const {
  std::int64_t sum = own_score(row, pod, raw);
  if (!raw.affinity.empty())
    sum +=
        rules_.weights.node_affinity * normalized(raw.affinity[row], raw.highest_affinity, false);
  if (!raw.taints.empty())
    sum += rules_.weights.taint_toleration * normalized(raw.taints[row], raw.highest_taints, true);
  return sum;
}

bool offer_table::is_ruled(const pod_view& pod) const {
  return pod.rules || (pods_.has_terms() && !pods_.terms_about(pod.ns, pod.labels).empty());
}

}  // namespace troupe::model
