#include "actors/scheduler/placer.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "model/scheduling/pod_group.hpp"
#include "model/scheduling/preemption.hpp"
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

// What of its minResources the cluster has not free; empty: nothing, or it does not say.
std::string placer::gap_of(const std::string& gang) {
  const auto slash = gang.find('/');
  const auto ns = gang.substr(0, slash);
  const auto group = options_.cache->get({model::pod_groups_resource, ns, gang.substr(slash + 1)});
  const auto wanted = group ? model::min_resources_of(*group) : std::nullopt;
  if (!wanted) return {};
  model::resource_gap gap(*wanted);
  table_.each([&](const model::node_view& node, const model::usage& used) {
    gap.take_free(node.allocatable, used.requested);
  });
  if (gap.closed() || there_of(gang) == 0) return gap.text();
  for (const auto& pod : options_.cache->list("pods", ns).objects) {
    if (!model::takes_room(*pod) || model::pod_group_of(ns, pod->header().labels) != gang) continue;
    auto room = pod->view<model::pod_view>()->requests;
    room.pods = 1;
    gap.take(room);
  }
  return gap.text();
}

// It is placed now, or when extenders have said what they have to.
void placer::begin_gang(const std::string& gang, std::vector<task> members,
                        std::vector<reservation>& wanted, std::vector<task>& stuck) {
  if (const auto gap = gap_of(gang); !gap.empty()) {
    for (auto& t : members) {
      t.gang_fault = "pod group " + gang + " wants its minResources to be free at once: " + gap +
                     " more would have to be";
      t.gang_barred = true;
      stuck.push_back(std::move(t));
    }
    return;
  }
  if (std::any_of(members.begin(), members.end(),
                  [&](const task& t) { return !interested_in(t).empty(); }))
    return consult_about_gang(gang, std::move(members), wanted, stuck);
  place_gang(gang, std::move(members), {}, wanted, stuck);
}

// Extenders are asked about each pod by itself, and about the nodes that would take it by itself.
void placer::consult_about_gang(const std::string& gang, std::vector<task> members,
                                std::vector<reservation>& wanted, std::vector<task>& stuck) {
  struct question {
    std::string uid;
    consultation_ptr what;
  };
  std::vector<question> questions;
  auto hearing = std::make_shared<gang_hearing>();
  hearing->gang = gang;
  for (const auto& t : members) {
    auto interested = interested_in(t);
    if (interested.empty()) continue;
    const auto s = situation_of(t);
    const auto ranked = table_.ranked(*t.view, s.given());
    if (ranked.empty()) continue;  // it fits nowhere, whatever they say
    questions.push_back({t.view->uid, question_about(t, std::move(interested), ranked)});
  }
  if (questions.empty()) return place_gang(gang, std::move(members), {}, wanted, stuck);
  for (auto& t : members) {
    hearing->uids.push_back(t.view->uid);
    consulting_.insert_or_assign(t.view->uid, std::move(t));
  }
  hearing->waiting = questions.size();
  for (auto& q : questions)
    ask_aside(std::move(q.what), [this, hearing, uid = q.uid](counsel said) {
      hearing->said[uid] = std::move(said);
      if (--hearing->waiting == 0) heed_about_gang(std::move(*hearing));
    });
}

void placer::heed_about_gang(gang_hearing hearing) {
  std::vector<task> members;
  for (const auto& uid : hearing.uids) {
    const auto at = consulting_.find(uid);
    if (at == consulting_.end()) return;  // another queue gives them out
    members.push_back(std::move(at->second));
    consulting_.erase(at);
  }
  for (const auto& [uid, said] : hearing.said)
    if (!said.error.empty()) {
      for (const auto& t : members) fail(t, said.error);
      return;
    }
  reader_.read(table_);
  std::vector<reservation> wanted;
  std::vector<task> stuck;
  place_gang(hearing.gang, std::move(members), hearing.said, wanted, stuck);
  if (!wanted.empty()) reserve(std::move(wanted));
  if (!stuck.empty()) put_off(std::move(stuck));
}

std::vector<placer::decision> placer::choose_for_gang(std::vector<task> members,
                                                      const std::map<std::string, counsel>& said,
                                                      std::vector<task>& left) {
  std::map<std::pair<int32_t, std::string>, std::vector<task>> kinds;
  for (auto& t : members) {
    auto kind = kind_of(t);
    if (said.contains(t.view->uid)) kind += "\n=" + t.view->uid;
    kinds[{-t.view->priority, std::move(kind)}].push_back(std::move(t));
  }
  std::vector<decision> chosen;
  for (auto& [key, tasks] : kinds) {
    const auto advice = said.find(tasks.front().view->uid);
    if (advice == said.end()) {
      for (auto& d : choose(std::move(tasks), left)) chosen.push_back(std::move(d));
      continue;
    }
    task& t = tasks.front();
    const auto s = situation_of(t);
    auto name = place_heeding(t, s, advice->second.scores, table_.ranked(*t.view, s.given()));
    if (!name) {
      left.push_back(std::move(t));
      continue;
    }
    chosen.push_back({std::move(t), std::move(*name), {}});
    if (profile_.binds_volumes)
      chosen.back().before = s.volumes.reservations(*table_.node(chosen.back().node));
  }
  return chosen;
}

// Enough pods at once, or none. `said`: what extenders say of some.
void placer::place_gang(const std::string& gang, std::vector<task> members,
                        const std::map<std::string, counsel>& said,
                        std::vector<reservation>& wanted, std::vector<task>& stuck) {
  const auto least = least_of(gang);
  const auto there = there_of(gang);
  std::vector<task> left;
  auto chosen = choose_for_gang(std::move(members), said, left);
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
    for (auto& t : left) {
      t.gang_fault = fault;
      t.gang_barred = !said.empty();  // extenders may have refused what would be made room for
    }
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

// Of gangs that fit nowhere: the room that each pod is promised from now on, on no node for a pod
// that is promised none any more; those of which nothing is said keep what they have.
std::map<std::string, promised_room> placer::make_room_for_gangs(const std::vector<task>& stuck) {
  std::map<std::string, std::vector<const task*>> gangs;
  for (const auto& t : stuck)
    if (!t.gang_fault.empty() && !t.gang_barred)
      gangs[model::pod_group_of(t.view->ns, t.view->labels)].push_back(&t);
  std::map<std::string, promised_room> promised;
  for (auto& [gang, members] : gangs) make_room_for_gang(gang, std::move(members), promised);
  return promised;
}

// Others make room for all of it, or nobody has to go.
void placer::make_room_for_gang(const std::string& gang, std::vector<const task*> members,
                                std::map<std::string, promised_room>& promised) {
  const auto least = least_of(gang);
  if (!least || there_of(gang) >= *least) return;
  if (std::any_of(members.begin(), members.end(),
                  [&](const task* t) { return table_.awaits_room(*t->view); }))
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
  for (const auto* t : members) promised[t->view->uid] = {t->view->uid, {}, {}};
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
      tell_failure(*pod, "pod group " + at->first +
                             " gives back the room that it was promised: it did not get " +
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
