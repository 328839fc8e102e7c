#include "actors/scheduler/pod_queue.hpp"

#include "model/scheduling/pod_group.hpp"
#include "model/scheduling/preemption.hpp"

#include <algorithm>

namespace troupe::scheduler {
namespace {

using model::all_plugins;

// What of a pod changes its chances; a status update does not.
bool same_chances(const model::pod_view& a, const model::pod_view& b) {
  return a.signature == b.signature && a.priority == b.priority && a.gated == b.gated &&
         a.labels == b.labels;
}

}  // namespace

bool pod_queue::order::operator<(const order& o) const {
  if (priority != o.priority) return priority > o.priority;
  if (created != o.created) return created < o.created;
  return number < o.number;
}

pod_queue::order pod_queue::order_of(const entry& e) const {
  return {e.view->priority, e.view->created, e.number, e.view->uid};
}

void pod_queue::leave(entry& e) {
  const std::string& uid = e.view->uid;
  if (e.at == state::active) (e.in_company ? company_ : active_).erase(order_of(e));
  if (e.at == state::backoff || e.at == state::unschedulable) waiting_.erase({e.until, uid});
  if (e.at == state::unschedulable) unschedulable_.erase(uid);
  if (e.at == state::held) {
    gangs_.release(e.gang, uid);
    reconsider(e.gang);
  }
  if (e.at == state::gated) gated_.erase(uid);
  if (e.at == state::leased)
    if (const auto at = leased_.find(e.worker); at != leased_.end()) at->second.erase(uid);
}

void pod_queue::activate(entry& e) {
  leave(e);
  const bool gated = e.view->gated && profile_->respects_gates;
  e.at = gated ? state::gated : state::active;
  tally_.to(gated ? queue_tally::part::gated : queue_tally::part::active);
  if (gated) gated_.insert(e.view->uid);
  e.changed = false;
  if (e.at != state::active) return;
  if (!e.gang.empty() && !gangs_.has_quorum(e.gang)) {
    e.at = state::held;
    gangs_.hold(e.gang, e.view->uid);
    return reconsider(e.gang);
  }
  e.in_company = e.view->rules != nullptr || profile_->demands_spread() || apart_.mean(*e.view);
  (e.in_company ? company_ : active_).insert(order_of(e));
}

// Who of the gang may go.
void pod_queue::reconsider(const std::string& gang) {
  if (const auto at = first_of_.find(gang); at != first_of_.end()) {
    ready_gangs_.erase(at->second);
    first_of_.erase(at);
  }
  news_ = true;
  if (gangs_.has_quorum(gang)) {
    for (const auto& uid : std::set<std::string>(gangs_.held(gang))) {
      gangs_.release(gang, uid);
      entry& e = pods_.at(uid);
      e.at = state::gated;  // in no set
      activate(e);
    }
  } else if (gangs_.is_complete(gang)) {
    std::optional<order> first;
    for (const auto& uid : gangs_.held(gang))
      if (auto o = order_of(pods_.at(uid)); !first || o < *first) first = std::move(o);
    ready_gangs_[*first] = gang;
    first_of_.emplace(gang, *first);
  }
}

void pod_queue::define_gang(const std::string& gang, std::optional<std::size_t> least) {
  gangs_.define(gang, least);
  reconsider(gang);
}

void pod_queue::forget_gangs() {
  gangs_.forget_definitions();
  for (const auto& gang : gangs_.waiting()) reconsider(gang);
}

std::vector<std::pair<model::object_ptr, std::string>> pod_queue::news_of_gangs() {
  news_ = false;
  std::vector<std::pair<model::object_ptr, std::string>> out;
  for (const auto& gang : gangs_.waiting()) {
    if (gangs_.is_complete(gang)) continue;
    const auto why = gangs_.complaint(gang);
    for (const auto& uid : gangs_.held(gang))
      if (entry& e = pods_.at(uid); e.told != why) {
        e.told = why;
        out.emplace_back(e.pod, why);
      }
  }
  return out;
}

model::time_point pod_queue::backoff_end(const entry& e) const {
  auto wait = options_.initial_backoff;
  for (int i = 1; i < e.attempts && wait < options_.max_backoff; ++i) wait *= 2;
  return e.tried + std::min(wait, options_.max_backoff);
}

void pod_queue::back_off(entry& e, model::time_point now) {
  const auto end = backoff_end(e);
  if (end <= now) return activate(e);
  leave(e);
  e.at = state::backoff;
  tally_.to(queue_tally::part::backoff);
  e.until = end;
  waiting_.insert({e.until, e.view->uid});
}

void pod_queue::update(model::object_ptr pod, model::time_point now) {
  auto view = pod->view<model::pod_view>();
  auto [at, fresh] = pods_.try_emplace(view->uid);
  entry& e = at->second;
  tally_.now = fresh ? queue_tally::event::pod_add : queue_tally::event::pod_update;
  if (!view->gated && !e.since) e.since = now;
  if (fresh) {
    e.pod = std::move(pod);
    e.view = std::move(view);
    e.number = ++numbers_;
    e.gang = model::pod_group_of(e.view->ns, e.view->labels);
    e.at = state::gated;  // in no set yet
    return activate(e);
  }
  if (e.pod->version() >= pod->version()) return;
  if (e.room && view->nominated_node == e.room->node)
    e.room_seen = true;
  else if (e.room_seen)
    e.room.reset();  // others have it now
  const bool same = same_chances(*e.view, *view);
  const state was = e.at;
  if (was == state::leased || was == state::bound) {
    e.pod = std::move(pod);  // order_of() is not in use
    e.view = std::move(view);
    e.gang = model::pod_group_of(e.view->ns, e.view->labels);
    e.changed = e.changed || !same;
    return;
  }
  if (same) {
    e.pod = std::move(pod);
    e.view = std::move(view);
    return;
  }
  leave(e);
  e.at = state::gated;
  e.pod = std::move(pod);
  e.view = std::move(view);
  e.gang = model::pod_group_of(e.view->ns, e.view->labels);
  // A change of an unschedulable pod may have made it fit (kube: after its backoff).
  if (was == state::unschedulable || was == state::backoff)
    back_off(e, now);
  else
    activate(e);
}

void pod_queue::remove(const std::string& uid) {
  const auto at = pods_.find(uid);
  if (at == pods_.end()) return;
  leave(at->second);
  pods_.erase(at);
}

void pod_queue::see(const model::object& pod, bool there) {
  if (const auto gang = model::pod_group_of(pod.key().ns, pod.header().labels); !gang.empty()) {
    gangs_.place(gang, pod.header().uid, there && model::takes_room(pod));
    reconsider(gang);
  }
  if (!there) return apart_.remove(pod.header().uid);
  if (!apart_.put(pod)) return;
  newest_term_ = leases_;
  std::vector<std::string> meant;
  for (const auto& o : active_)
    if (apart_.mean(*pods_.at(o.uid).view)) meant.push_back(o.uid);
  for (const auto& uid : meant) activate(pods_.at(uid));
}

bool pod_queue::may_lease_company(std::uint64_t worker) {
  if (newest_term_ == 0) return true;
  for (const auto& [other, uids] : leased_)
    if (other != worker)
      for (const auto& uid : uids)
        if (pods_.at(uid).lease <= newest_term_) return false;
  newest_term_ = 0;
  return true;
}

void pod_queue::grant(entry& e, std::uint64_t worker) {
  leave(e);
  e.at = state::leased;
  e.worker = worker;
  e.lease = leases_;
  e.changed = false;
  leased_[worker].insert(e.view->uid);
}

std::vector<model::object_ptr> pod_queue::lease(std::uint64_t worker, std::size_t limit, bool all) {
  std::vector<model::object_ptr> out;
  all = all && !(company_.empty() && ready_gangs_.empty()) && may_lease_company(worker);
  ++leases_;
  while (out.size() < limit) {
    const bool company =
        all && !company_.empty() && (active_.empty() || *company_.begin() < *active_.begin());
    const auto& from = company ? company_ : active_;
    if (all && !ready_gangs_.empty() &&
        (from.empty() || ready_gangs_.begin()->first < *from.begin())) {
      const auto members = gangs_.held(ready_gangs_.begin()->second);  // grant() changes them
      if (!out.empty() && out.size() + members.size() > limit) break;
      for (const auto& uid : members) {
        grant(pods_.at(uid), worker);
        out.push_back(pods_.at(uid).pod);
      }
      continue;
    }
    if (from.empty()) break;
    entry& e = pods_.at(from.begin()->uid);
    grant(e, worker);
    out.push_back(e.pod);
  }
  return out;
}

void pod_queue::bound(const std::string& uid) {
  const auto at = pods_.find(uid);
  if (at == pods_.end()) return;
  leave(at->second);
  at->second.at = state::bound;  // until the commit is seen here
}

std::optional<std::pair<int, model::time_point>> pod_queue::history(const std::string& uid) const {
  const auto at = pods_.find(uid);
  if (at == pods_.end() || at->second.at != state::leased || !at->second.since) return std::nullopt;
  return std::pair(at->second.attempts + 1, *at->second.since);
}

void pod_queue::failed(const std::string& uid, model::time_point now) {
  const auto at = pods_.find(uid);
  if (at == pods_.end() || at->second.at != state::leased) return;
  tally_.now = queue_tally::event::attempt_failure;
  ++at->second.attempts;
  at->second.tried = now;
  back_off(at->second, now);
}

void pod_queue::starts_at(std::uint64_t version) {
  changed_at_[all_plugins] = version;
}

void pod_queue::released(std::uint64_t releases, model::time_point now) {
  releases_ = releases;
  wake({released_room()}, now);
}

void pod_queue::unschedulable(const std::string& uid, std::uint32_t refused_by, seen by,
                              model::time_point now) {
  const auto at = pods_.find(uid);
  if (at == pods_.end() || at->second.at != state::leased) return;
  entry& e = at->second;
  tally_.now = queue_tally::event::attempt_failure;
  ++e.attempts;
  e.tried = now;
  e.refused_by = refused_by == 0 ? all_plugins : refused_by;  // no nodes: any change helps
  const bool missed = std::any_of(changed_at_.begin(), changed_at_.end(), [&](const auto& change) {
    return (change.first & e.refused_by) != 0 && change.second > by.version;
  });
  const bool freed = (e.refused_by & released_room().helps) != 0 && releases_ > by.releases;
  if (missed || freed || e.changed) return back_off(e, now);
  leave(e);
  e.at = state::unschedulable;
  tally_.to(queue_tally::part::unschedulable);
  e.until = now + options_.unschedulable_limit;
  waiting_.insert({e.until, uid});
  unschedulable_.insert(uid);
}

void pod_queue::promise(promised_room room, model::time_point now) {
  const auto at = pods_.find(room.uid);
  if (at == pods_.end()) return;
  entry& e = at->second;
  e.room.reset();
  if (room.node.empty()) return;
  e.room_seen = e.view->nominated_node == room.node;
  e.room_until = now + options_.promise_limit;
  e.room = std::move(room);
}

std::vector<promised_room> pod_queue::unseen_promises(const std::vector<model::object_ptr>& pods,
                                                      const store::cache& cache,
                                                      model::time_point now) {
  std::vector<promised_room> out;
  for (const auto& pod : pods) {
    const auto at = pods_.find(pod->header().uid);
    if (at == pods_.end() || !at->second.room) continue;
    entry& e = at->second;
    std::erase_if(e.room->leaving, [&](const named_pod& victim) {
      const auto there = cache.get({"pods", victim.ns, victim.name});
      const bool going = !there || there->header().uid != victim.uid || there->header().deleting;
      return going || now >= e.room_until;
    });
    if (e.room_seen && e.room->leaving.empty())
      e.room.reset();
    else
      out.push_back(*e.room);
  }
  return out;
}

void pod_queue::reclaim(std::uint64_t worker) {
  const auto at = leased_.find(worker);
  if (at == leased_.end()) return;
  const auto uids = std::move(at->second);
  leased_.erase(at);
  tally_.now = queue_tally::event::lease_returned;
  for (const auto& uid : uids) activate(pods_.at(uid));
}

bool pod_queue::helped(const entry& e, const cluster_change& c) const {
  return may_help(c, *e.view, e.refused_by, *profile_, apart_.mean(*e.view));
}

void pod_queue::wake(const std::vector<cluster_change>& changes, model::time_point now) {
  for (const auto& c : changes)
    for (std::uint32_t bit = 1; bit <= c.helps; bit <<= 1)
      if (c.helps & bit) changed_at_[bit] = std::max(changed_at_[bit], c.version);
  std::vector<std::string> woken;
  std::uint32_t helps = 0;
  for (const auto& c : changes) helps |= c.helps;
  for (const auto& uid : unschedulable_) {
    const entry& e = pods_.at(uid);
    if ((e.refused_by & helps) == 0) continue;
    if (std::any_of(changes.begin(), changes.end(), [&](const auto& c) { return helped(e, c); }))
      woken.push_back(uid);
  }
  // What helps one of a gang is worth another look at all of it.
  std::set<std::string> gangs_woken;
  for (const auto& uid : woken)
    if (const auto& gang = pods_.at(uid).gang; !gang.empty()) gangs_woken.insert(gang);
  if (!gangs_woken.empty())
    for (const auto& uid : unschedulable_)
      if (gangs_woken.contains(pods_.at(uid).gang)) woken.push_back(uid);
  tally_.now = queue_tally::event::cluster_change;
  for (const auto& uid : woken)
    if (pods_.at(uid).at == state::unschedulable) back_off(pods_.at(uid), now);
}

void pod_queue::advance(model::time_point now) {
  tally_.now = queue_tally::event::backoff_complete;
  while (!waiting_.empty() && waiting_.begin()->first <= now)
    activate(pods_.at(std::string(waiting_.begin()->second)));
}

std::optional<model::time_point> pod_queue::next_deadline() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

}  // namespace troupe::scheduler
