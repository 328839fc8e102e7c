#include "actors/scheduler/placer.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "model/scheduling/pod_group.hpp"
#include "model/selector.hpp"

#include <caf/all.hpp>

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
      const auto& view = d.what.view;
      table_.forget(view->uid);
      if (!view->nominated_node.empty()) table_.nominate(view, view->nominated_node);
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

std::chrono::seconds placer::patience_of(const std::string& gang) const {
  const auto slash = gang.find('/');
  const auto group = options_.cache->get(
      {model::pod_groups_resource, gang.substr(0, slash), gang.substr(slash + 1)});
  return group ? model::schedule_timeout_of(*group) : std::chrono::seconds(0);
}

// Of gangs that fit nowhere: the node that each pod is promised from now on, "" for a pod that is
// promised none any more; those of which nothing is said keep what they have.
std::map<std::string, std::string> placer::make_room_for_gangs(const std::vector<task>& stuck) {
  std::map<std::string, std::vector<const task*>> gangs;
  for (const auto& t : stuck)
    if (!t.gang_fault.empty()) gangs[model::pod_group_of(t.view->ns, t.view->labels)].push_back(&t);
  std::map<std::string, std::string> promised;
  for (auto& [gang, members] : gangs) make_room_for_gang(gang, std::move(members), promised);
  return promised;
}

// Others make room for all of it, or nobody has to go.
void placer::make_room_for_gang(const std::string& gang, std::vector<const task*> members,
                                std::map<std::string, std::string>& promised) {
  const auto least = least_of(gang);
  if (!least || there_of(gang) >= *least) return;
  if (std::any_of(members.begin(), members.end(),
                  [&](const task* t) { return table_.awaits_victims(*t->view); }))
    return hold_promise(gang, members);
  gang_promises_.erase(gang);
  std::stable_sort(members.begin(), members.end(), [](const task* a, const task* b) {
    return a->view->priority > b->view->priority;
  });
  std::vector<situation> situations;
  for (const auto* t : members) situations.push_back(situation_of(*t));
  std::vector<model::offer_table::member> asked;
  for (std::size_t i = 0; i < members.size(); ++i)
    asked.push_back({members[i]->view, situations[i].given()});
  metrics_.preemptions.add();
  auto found = table_.preempt_together(asked, *least - there_of(gang), reader_.budgets(), random_);
  for (const auto* t : members) promised[t->view->uid] = "";
  std::vector<const task*> with_room;
  for (auto& p : found.parts) {
    const task& t = *members[p.pod];
    with_room.push_back(&t);
    promised[t.view->uid] =
        make_room(t, model::preemption_candidate{p.node, std::move(p.victims), 0});
  }
  if (!with_room.empty()) hold_promise(gang, with_room);
}

// For so long as its PodGroup lets it wait.
void placer::hold_promise(const std::string& gang, const std::vector<const task*>& members) {
  const auto patience = patience_of(gang);
  const auto [at, fresh] = gang_promises_.try_emplace(gang);
  if (!fresh) return;
  at->second.until = options_.clock() + patience;
  for (const auto* t : members) at->second.pods.push_back(t->pod->key());
  delayed_send(this, patience, changed_atom::value);
}

// Gangs that have waited for too long give back what they were promised, and are tried again.
void placer::end_promises() {
  std::vector<write> writes;
  for (auto at = gang_promises_.begin(); at != gang_promises_.end();) {
    if (at->second.until > options_.clock()) {
      ++at;
      continue;
    }
    for (const auto& key : at->second.pods) {
      const auto pod = options_.cache->get(key);
      if (!pod || model::nominated_node_of(*pod).empty()) continue;
      const auto* node = model::find(pod->header().fields, "spec.nodeName");
      if (node && !node->empty()) continue;
      table_.forget_nomination(pod->header().uid);
      tell(*pod, "Warning", "FailedScheduling",
           "pod group " + at->first + " gives back the room that it was promised: it did not get " +
               "free within scheduleTimeoutSeconds");
      writes.push_back(denominating_write(*pod));
    }
    at = gang_promises_.erase(at);
  }
  commit(std::move(writes));
}

int32_t placer::priority_of(const std::vector<task>& members) {
  int32_t most = INT32_MIN;
  for (const auto& t : members) most = std::max(most, t.view->priority);
  return most;
}

}  // namespace troupe::scheduler
