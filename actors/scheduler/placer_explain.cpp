#include "actors/scheduler/placer.hpp"
#include "actors/scheduler/pod_writes.hpp"

#include <caf/all.hpp>

#include <map>

namespace troupe::scheduler {
// Pods that fit nowhere: others make room for them, or the user learns why; the queue learns what
// refused them, if that is exact: else it lets them try again.
void placer::explain(std::vector<task> stuck, bool exact) {
  std::vector<pod_result> fates;
  std::vector<write> writes;
  std::map<std::pair<int32_t, std::string>, explanation> known;
  const auto seen = std::min(version_, reader_.version());
  const auto rooms = exact ? make_room_for_gangs(stuck) : std::map<std::string, promised_room>{};
  for (auto& t : stuck) {
    const bool in_gang = !t.gang_fault.empty();
    auto [at, fresh] =
        known.try_emplace({t.view->priority, kind_of(t) + (in_gang ? "\ngang" : "")});
    auto& e = at->second;
    const auto s = situation_of(t);
    metrics_.attempted("unschedulable", seconds_since(t.taken));
    if (fresh) e.diagnosis = table_.diagnose(*t.view, s.given());
    caf::optional<promised_room> promised;
    if (in_gang) {
      e.preemption = "";  // room for one of them is no room for all
      if (const auto room = rooms.find(t.view->uid); room != rooms.end()) promised = room->second;
    } else if (!e.preemption) {
      metrics_.preemptions.add();
      auto advisers = interested_in(t);
      std::erase_if(advisers, [](const auto& a) { return a->preempt_verb.empty(); });
      auto found =
          table_.preempt(*t.view, reader_.budgets(), random_, s.given(), !advisers.empty());
      if (found.chosen && !advisers.empty()) {
        consult_about_victims(std::move(t), std::move(advisers), std::move(found.candidates));
        continue;
      }
      // Where something is under way nobody has to go, and what was promised is kept.
      const bool unsure = found.chosen && !table_.is_exact(found.chosen->node);
      if (found.chosen && !unsure)
        promised = make_room(t, *found.chosen);
      else
        e.preemption = std::move(found.message);
      if (e.preemption && !unsure && !e.preemption->starts_with("not eligible"))
        promised = promised_room{t.view->uid, {}, {}};
    }
    const bool alone_it_fits =
        in_gang && (t.gang_barred || !table_.best(*t.view, s.given()).empty());
    const std::string message =
        alone_it_fits ? t.gang_fault : e.diagnosis.message(e.preemption.value_or(""));
    tell_failure(*t.pod, message);
    if (auto w = unschedulable_write(*t.pod, message, node_to_write(t, promised), options_.clock()))
      writes.push_back(std::move(*w));
    // What helps any of a gang helps the gang.
    fates.push_back({t.view->uid, exact ? pod_outcome::unschedulable : pod_outcome::failed,
                     in_gang ? 0 : e.diagnosis.refused_by, seen, releases_, std::move(promised)});
  }
  report(std::move(fates));
  commit(std::move(writes));
}

}  // namespace troupe::scheduler
