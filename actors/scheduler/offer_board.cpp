#include "actors/scheduler/offer_board.hpp"

#include "model/node_view.hpp"

#include <caf/all.hpp>

namespace troupe::scheduler {
namespace {

bool looks_different(const offer& a, const offer& b) {
  if (!a.object || !b.object) return static_cast<bool>(a.object) != static_cast<bool>(b.object);
  return a.object.get() != b.object.get() &&
         !a.object->view<model::node_view>()->same_for_scheduling(
             *b.object->view<model::node_view>());
}

}  // namespace

bool offer_board::subscriber::ready(std::uint64_t v) const {
  return sent - acknowledged < window && (snapshot || !dirty.empty() || version < v);
}

bool offer_board::post(offer o) {
  auto [at, fresh] = offers_.try_emplace(o.node);
  offer& have = at->second;
  if (!fresh && o.version <= have.version) return false;
  const bool node_too = fresh || looks_different(have, o);
  have = std::move(o);
  for (auto& [addr, s] : subscribers_) {
    bool& with_node = s.dirty[have.node];
    with_node = with_node || node_too;
  }
  return true;
}

const offer* offer_board::find(const std::string& node) const {
  const auto at = offers_.find(node);
  return at == offers_.end() ? nullptr : &at->second;
}

void offer_board::subscribe(const scheduler_actor& who) {
  subscriber s;
  s.handle = who;
  subscribers_[who.address()] = std::move(s);
}

void offer_board::unsubscribe(const caf::actor_addr& who) {
  subscribers_.erase(who);
}

void offer_board::acknowledge(const caf::actor_addr& who, std::uint64_t number) {
  if (auto at = subscribers_.find(who); at != subscribers_.end())
    at->second.acknowledged = std::max(at->second.acknowledged, number);
}

bool offer_board::due(std::uint64_t version) const {
  for (const auto& [addr, s] : subscribers_)
    if (s.ready(version)) return true;
  return false;
}

std::vector<offer_board::delivery> offer_board::deliveries(std::uint64_t version) {
  std::vector<delivery> out;
  for (auto& [addr, s] : subscribers_) {
    if (!s.ready(version)) continue;
    delivery d;
    d.to = s.handle;
    d.number = ++s.sent;
    d.snapshot = s.snapshot;
    if (s.snapshot) {
      for (const auto& [node, o] : offers_)
        if (!o.removed) d.offers.push_back(o);
    } else {
      for (const auto& [node, with_node] : s.dirty) {
        d.offers.push_back(offers_.at(node));
        if (!with_node) d.offers.back().object = {};
      }
    }
    s.dirty.clear();
    s.snapshot = false;
    s.version = version;
    out.push_back(std::move(d));
  }
  return out;
}

}  // namespace troupe::scheduler
