#include "actors/scheduler/placer.hpp"

#include <map>

namespace troupe::scheduler {

// Places all pending pods: like ones in one pass, in the order of the queue.
void placer::decide() {
  resume();
  if (!ready_ || pending_.empty()) return;
  reader_.read(table_);
  auto tasks = std::exchange(pending_, {});
  std::vector<std::vector<task>> groups;
  std::map<std::pair<int32_t, std::string>, std::size_t> group_of;
  std::map<std::string, std::vector<task>> gangs;
  std::vector<task> stuck;
  for (auto& t : tasks) {
    t.gang_fault.clear();
    t.gang_barred = false;
    if (auto gang = gang_of(t); !gang.empty()) {
      gangs[std::move(gang)].push_back(std::move(t));
      continue;
    }
    if (auto interested = interested_in(t); !interested.empty()) {
      consult(std::move(t), std::move(interested), stuck);
      continue;
    }
    const auto [at, fresh] = group_of.try_emplace({-t.view->priority, kind_of(t)}, groups.size());
    if (fresh) groups.emplace_back();
    groups[at->second].push_back(std::move(t));
  }
  std::vector<reservation> wanted;
  // A gang goes before what matters less than its most important pod.
  std::multimap<int32_t, std::string> gangs_in_order;
  for (const auto& [name, members] : gangs) gangs_in_order.emplace(-priority_of(members), name);
  auto next = gangs_in_order.begin();
  const auto place_gangs = [&](int32_t until) {
    for (; next != gangs_in_order.end() && next->first <= until; ++next)
      begin_gang(next->second, std::move(gangs[next->second]), wanted, stuck);
  };
  for (const auto& [key, index] : group_of) {
    place_gangs(key.first);
    place(std::move(groups[index]), wanted, stuck);
  }
  place_gangs(INT32_MAX);
  if (!wanted.empty()) reserve(std::move(wanted));
  if (!stuck.empty()) put_off(std::move(stuck));
}

// What is on its way may be counted twice for a moment, or be declined, and room that pods have
// left may be offered in a moment: a pod that fits nowhere waits until all is settled that was
// under way, and is tried once more.
void placer::put_off(std::vector<task> stuck) {
  const bool exact = table_.is_exact();
  std::vector<task> known;
  for (auto& t : stuck)
    if (exact || t.stuck) {
      known.push_back(std::move(t));
    } else {
      t.stuck = table_.now();
      waiting_.push_back(std::move(t));
    }
  if (!known.empty()) explain(std::move(known), exact);
}

void placer::resume() {
  std::erase_if(waiting_, [&](task& t) {
    if (!table_.has_passed(*t.stuck)) return false;
    pending_.push_back(std::move(t));
    return true;
  });
}

// Pods of one kind are placed in one pass. Where other pods matter, their labels and owners do.
std::string placer::kind_of(const task& t) {
  std::string kind = t.view->signature;
  if (!t.view->nominated_node.empty()) kind.append("\n>").append(t.view->nominated_node);
  // What plugins of others go by nobody knows.
  if (t.view->volumes || !profile_.custom.empty()) return kind.append("\n=").append(t.view->uid);
  const bool in_workload = reader_.workloads().concerns(*t.pod);
  if (!in_workload && !table_.is_ruled(*t.view)) return kind;
  kind.append("\n@").append(t.view->ns);
  for (const auto& [key, value] : t.view->labels)
    kind.append("\n@").append(key).append("=").append(value);
  if (const auto* owner = t.pod->header().controller()) kind.append("\n@").append(*owner);
  return kind;
}

placer::situation placer::situation_of(const task& t) const {
  situation s;
  const bool own_spread = t.view->rules && !t.view->rules->spread.empty();
  if (!own_spread && reader_.workloads().concerns(*t.pod))
    s.spread = reader_.workloads().spread_of(*t.pod, profile_.default_spread);
  if (t.view->volumes) s.volumes = model::volume_demand(*t.pod, reader_.volumes());
  return s;
}

// Places pods of one kind; what fits nowhere is stuck.
std::vector<placer::decision> placer::choose(std::vector<task> group, std::vector<task>& stuck) {
  std::vector<model::pod_view_ptr> views;
  for (const auto& t : group) views.push_back(t.view);
  const auto s = situation_of(group.front());
  const auto start = options_.clock();
  const auto nodes = table_.place(views, random_, s.given());
  std::vector<decision> out;
  metrics_.decided(views.size(), seconds_since(start));
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (nodes[i].empty()) {
      stuck.push_back(std::move(group[i]));
      continue;
    }
    out.push_back({std::move(group[i]), nodes[i], {}});
    if (profile_.binds_volumes) out.back().before = s.volumes.reservations(*table_.node(nodes[i]));
  }
  return out;
}

void placer::place(std::vector<task> group, std::vector<reservation>& wanted,
                   std::vector<task>& stuck) {
  for (auto& d : choose(std::move(group), stuck)) {
    auto before = std::move(d.before);
    auto r = promise(std::move(d), {});
    if (before.empty())
      wanted.push_back(std::move(r));
    else
      reserve_after(std::move(before), {std::move(r)});
  }
}

}  // namespace troupe::scheduler
