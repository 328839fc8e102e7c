// Room that pods have been promised, while not all of that is written.
#include "actors/scheduler/placer.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "messages/errors.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::scheduler {
namespace {

// Writes of the end of a preempted pod that may meet other changes of it.
constexpr int preempting_attempts = 5;

}  // namespace

// The victims begin to end, the pod is promised the room, and pods that matter less lose such
// promises.
promised_room placer::make_room(const task& t, const model::preemption_candidate& chosen) {
  spdlog::info("pod {}/{} preempts {} pods on node {}", t.view->ns, t.view->name,
               chosen.victims.size(), chosen.node);
  std::vector<write> writes;
  for (const auto& other : table_.nominated_below(chosen.node, t.view->priority)) {
    table_.forget_nomination(other->uid);
    const auto pod = options_.cache->get({"pods", other->ns, other->name});
    if (pod && pod->header().uid == other->uid) writes.push_back(denominating_write(*pod));
  }
  commit(std::move(writes));
  promised_room room{t.view->uid, chosen.node, {}};
  for (const auto& v : chosen.victims) {
    const auto& h = v.pod->header();
    if (h.deleting) continue;
    room.leaving.push_back({h.key.ns, h.key.name, h.uid});
    table_.send_away(h.uid);
    for (auto& [pod, victims] : borrowed_) std::erase(victims, h.uid);
    preempt(v.pod, preempting_attempts);
    tell(*v.pod, "Normal", "Preempted", "Preempting",
         "Preempted by pod " + t.view->uid + " on node " + chosen.node, t.pod.get());
  }
  metrics_.victims.observe(static_cast<double>(chosen.victims.size()));
  table_.nominate(t.view, chosen.node);
  return room;
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

// What was promised before and the pod does not say yet may not have been written.
std::optional<std::string> placer::node_to_write(const task& t,
                                                 const caf::optional<promised_room>& room) {
  if (room) return room->node;
  if (t.view->nominated_node.empty()) return std::nullopt;
  return t.view->nominated_node;
}

// The pod as it will be when its promise is written. Its victims count as going while it is here:
// then the queue knows better.
model::pod_view_ptr placer::heed_promise(const model::object& pod, const promised_room& room) {
  auto view = std::make_shared<model::pod_view>(*pod.view<model::pod_view>());
  view->nominated_node = room.node;
  const auto shown = [&](const std::string& ns, const std::string& name, const std::string& uid) {
    auto now = options_.cache->get({"pods", ns, name});
    return now && now->header().uid == uid ? now : nullptr;
  };
  // A promise to a pod that the cache does not show would never be forgotten.
  if (shown(view->ns, view->name, view->uid)) table_.nominate(view, room.node);
  for (const auto& victim : room.leaving) {
    const auto now = shown(victim.ns, victim.name, victim.uid);
    if (now && !now->header().deleting && table_.send_away(victim.uid))
      borrowed_[view->uid].push_back(victim.uid);
  }
  return view;
}

void placer::forget_borrowed(const std::string& uid) {
  const auto at = borrowed_.find(uid);
  if (at == borrowed_.end()) return;
  for (const auto& victim : at->second) table_.forget_sent_away(victim);
  borrowed_.erase(at);
}

}  // namespace troupe::scheduler
