#include "actors/scheduler/placer.hpp"
#include "model/scheduling/pod_group.hpp"
#include "model/selector.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace troupe::scheduler {

// The gang that the pod has to be placed with; none if enough of it are on nodes.
std::string placer::gang_of(const task& t) {
  auto gang = model::pod_group_of(t.view->ns, t.view->labels);
  if (gang.empty()) return gang;
  const auto least = least_of(gang);
  return least && there_of(gang) >= *least ? std::string() : gang;
}

std::optional<std::size_t> placer::least_of(const std::string& gang) const {
  const auto slash = gang.find('/');
  const auto group = options_.cache->get(
      {model::pod_groups_resource, gang.substr(0, slash), gang.substr(slash + 1)});
  if (!group) return std::nullopt;
  return model::min_member_of(*group);
}

// Its pods that are on nodes or on their way.
std::size_t placer::there_of(const std::string& gang) {
  const auto slash = gang.find('/');
  model::label_selector label;
  label.terms.push_back(
      {model::pod_group_label, model::requirement::operation::in, {gang.substr(slash + 1)}});
  const auto members = model::matcher_in(gang.substr(0, slash), std::move(label));
  std::size_t out = 0;
  for (const auto n : table_.pods().count({&members}, true)->by_node)
    out += static_cast<std::size_t>(std::max(0, n));
  return out;
}

// Enough pods at once, or none.
void placer::place_gang(const std::string& gang, std::vector<task> members,
                        std::vector<reservation>& wanted, std::vector<task>& stuck) {
  const auto least = least_of(gang);
  const auto there = there_of(gang);
  std::map<std::pair<int32_t, std::string>, std::vector<task>> kinds;
  for (auto& t : members) kinds[{-t.view->priority, kind_of(t)}].push_back(std::move(t));
  std::vector<decision> chosen;
  std::vector<task> left;
  for (auto& [key, tasks] : kinds)
    for (auto& d : choose(std::move(tasks), left)) chosen.push_back(std::move(d));
  if (!least || there + chosen.size() < *least) {
    const auto fault = !least ? "pod group " + gang + " not found"
                              : "pod group " + gang + " needs " + std::to_string(*least) +
                                    " pods placed at once, there is room for " +
                                    std::to_string(there + chosen.size());
    for (auto& d : chosen) {
      table_.forget(d.what.view->uid);
      left.push_back(std::move(d.what));
    }
    for (auto& t : left) t.gang_fault = fault;
  }
  std::move(left.begin(), left.end(), std::back_inserter(stuck));
  if (!least || there + chosen.size() < *least) return;
  std::vector<std::pair<model::object_ptr, model::json>> before;
  std::vector<reservation> reservations;
  for (auto& d : chosen) {
    std::move(d.before.begin(), d.before.end(), std::back_inserter(before));
    reservations.push_back(promise(std::move(d), gang));
  }
  if (before.empty())
    std::move(reservations.begin(), reservations.end(), std::back_inserter(wanted));
  else
    reserve_after(std::move(before), std::move(reservations));
}

int32_t placer::priority_of(const std::vector<task>& members) {
  int32_t most = INT32_MIN;
  for (const auto& t : members) most = std::max(most, t.view->priority);
  return most;
}

}  // namespace troupe::scheduler
