#include "actors/scheduler/placer.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "messages/errors.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <map>

namespace troupe::scheduler {
namespace {

// Writes of the end of a preempted pod that may meet other changes of it.
constexpr int preempting_attempts = 5;

}  // namespace

// Pods that fit nowhere: others make room for them, or the user learns why; the queue learns what
// refused them, if that is exact: else it lets them try again.
void placer::explain(std::vector<task> stuck, bool exact) {
  std::vector<pod_result> fates;
  std::vector<write> writes;
  std::map<std::pair<int32_t, std::string>, explanation> known;
  const auto seen = std::min(version_, reader_.version());
  const auto rooms = exact ? make_room_for_gangs(stuck) : std::map<std::string, std::string>{};
  for (auto& t : stuck) {
    const bool in_gang = !t.gang_fault.empty();
    auto [at, fresh] =
        known.try_emplace({t.view->priority, kind_of(t) + (in_gang ? "\ngang" : "")});
    auto& e = at->second;
    const auto s = situation_of(t);
    metrics_.attempted("unschedulable", seconds_since(t.taken));
    if (fresh) e.diagnosis = table_.diagnose(*t.view, s.given());
    std::optional<std::string> promised;
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
      if (e.preemption && !unsure && !e.preemption->starts_with("not eligible")) promised = "";
    }
    const bool alone_it_fits =
        in_gang && (t.gang_barred || !table_.best(*t.view, s.given()).empty());
    const std::string message =
        alone_it_fits ? t.gang_fault : e.diagnosis.message(e.preemption.value_or(""));
    tell(*t.pod, "Warning", "FailedScheduling", message);
    if (auto w = unschedulable_write(*t.pod, message, promised, options_.clock()))
      writes.push_back(std::move(*w));
    // What helps any of a gang helps the gang.
    fates.push_back({t.view->uid, exact ? pod_outcome::unschedulable : pod_outcome::failed,
                     in_gang ? 0 : e.diagnosis.refused_by, seen, releases_});
  }
  report(std::move(fates));
  commit(std::move(writes));
}

// The victims begin to end, the pod is promised the room, and pods that matter less lose such
// promises. Returns the node.
std::string placer::make_room(const task& t, const model::preemption_candidate& chosen) {
  spdlog::info("pod {}/{} preempts {} pods on node {}", t.view->ns, t.view->name,
               chosen.victims.size(), chosen.node);
  std::vector<write> writes;
  for (const auto& other : table_.nominated_below(chosen.node, t.view->priority)) {
    table_.forget_nomination(other->uid);
    const auto pod = options_.cache->get({"pods", other->ns, other->name});
    if (pod && pod->header().uid == other->uid) writes.push_back(denominating_write(*pod));
  }
  commit(std::move(writes));
  for (const auto& v : chosen.victims)
    if (!v.pod->header().deleting) {
      table_.send_away(v.pod->header().uid);
      preempt(v.pod, preempting_attempts);
      tell(*v.pod, "Normal", "Preempted",
           "Preempted by pod " + t.view->uid + " on node " + chosen.node);
    }
  metrics_.victims.observe(static_cast<double>(chosen.victims.size()));
  table_.nominate(t.view, chosen.node);
  return chosen.node;
}

// A victim that changed meanwhile is ended as it is now.
void placer::preempt(const model::object_ptr& pod, int attempts) {
  request(options_.store, options_.timeout, write_atom::value,
          preempting_write(*pod, options_.scheduler_name, options_.clock()))
      .then([](const object_ref&) {},
            [this, key = pod->key(), uid = pod->header().uid, attempts](const caf::error& e) {
              const auto now = options_.cache ? options_.cache->get(key) : nullptr;
              const bool there = now && now->header().uid == uid && !now->header().deleting;
              if (there && to_status(e).code == 409 && attempts > 1)
                return preempt(now, attempts - 1);
              table_.forget_sent_away(uid);
              if (there)
                spdlog::warn("pod {} was not preempted: {}", to_string(key), to_status(e).message);
            });
}

}  // namespace troupe::scheduler
