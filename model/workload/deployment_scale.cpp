#include "model/workload/deployment_scale.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::model {
namespace {

set_scale scale_to(rollout_set& s, std::int64_t to) {
  set_scale out{s.name, s.replicas, to, to > s.replicas};
  s.replicas = to;
  return out;
}

std::int64_t available_of(const rollout_sets& sets) {
  std::int64_t sum = 0;
  for (const auto& s : sets) sum += s.available;
  return sum;
}

// Those that want pods.
std::vector<rollout_set*> active(rollout_set* fresh, rollout_sets& old) {
  std::vector<rollout_set*> out;
  for (auto& s : old)
    if (s.replicas > 0) out.push_back(&s);
  if (fresh && fresh->replicas > 0) out.push_back(fresh);
  return out;
}

bool saturated(const deployment_view& d, const rollout_set* s) {
  return s && s->replicas == d.replicas &&
         number_in(s->annotations, desired_replicas_annotation) == d.replicas &&
         s->available == d.replicas;
}

// How much of a change of the Deployment's size falls to a set of its share (kube's
// getReplicaSetFraction).
std::int64_t share(const deployment_view& d, const rollout_set& s) {
  if (d.replicas == 0) return -s.replicas;
  auto before = number_in(s.annotations, max_replicas_annotation).value_or(0);
  if (before == 0)
    before = at(d.status, {"replicas"}).is_number_integer()
                 ? d.status["replicas"].get<std::int64_t>()
                 : 0;
  if (before == 0) return 0;
  const auto size =
      static_cast<double>(s.replicas * (d.replicas + d.max_surge)) / static_cast<double>(before);
  return std::llround(size) - s.replicas;
}

std::vector<set_scale> spread(const deployment_view& d, std::vector<rollout_set*> sets) {
  std::int64_t total = 0;
  for (const auto* s : sets) total += s->replicas;
  const auto allowed = d.replicas > 0 ? d.replicas + d.max_surge : 0;
  const auto to_add = allowed - total;
  // The largest first; of one size the newer grows, and the older shrinks, first.
  std::ranges::sort(sets, [&](const rollout_set* a, const rollout_set* b) {
    if (a->replicas != b->replicas) return a->replicas > b->replicas;
    const auto* first = to_add > 0 ? b : a;
    const auto* second = to_add > 0 ? a : b;
    return std::tie(first->created, first->name) < std::tie(second->created, second->name);
  });
  std::vector<std::int64_t> sizes;
  std::int64_t added = 0;
  for (const auto* s : sets) {
    std::int64_t more = 0;
    if (to_add != added && to_add != 0)
      more = to_add > 0 ? std::min(share(d, *s), to_add - added)
                        : std::max(share(d, *s), to_add - added);
    sizes.push_back(s->replicas + more);
    added += more;
  }
  sizes.front() = std::max<std::int64_t>(0, sizes.front() + to_add - added);
  std::vector<set_scale> out;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    out.push_back(scale_to(*sets[i], sizes[i]));
    out.back().up = to_add > 0;
  }
  return out;
}

// Pods that are not available hold a rollout up, and nobody misses them.
std::vector<set_scale> clean_up_unhealthy(rollout_sets& old, std::int64_t most,
                                          std::int64_t& cleaned) {
  std::vector<set_scale> out;
  for (auto& s : old) {
    if (cleaned >= most) break;
    const auto unhealthy = s.replicas - s.available;
    if (s.replicas == 0 || unhealthy == 0) continue;
    const auto gone = std::min(most - cleaned, unhealthy);
    if (gone <= 0) continue;
    out.push_back(scale_to(s, s.replicas - gone));
    cleaned += gone;
  }
  return out;
}

std::vector<set_scale> scale_down_old(const deployment_view& d, const rollout_set& fresh,
                                      rollout_sets& old) {
  std::vector<set_scale> out;
  auto surplus = fresh.available + available_of(old) - (d.replicas - d.max_unavailable);
  for (auto& s : old) {
    if (surplus <= 0) break;
    if (s.replicas == 0) continue;
    const auto gone = std::min(s.replicas, surplus);
    out.push_back(scale_to(s, s.replicas - gone));
    surplus -= gone;
  }
  return out;
}

}  // namespace

std::int64_t new_set_replicas(const deployment_view& d, std::int64_t total, std::int64_t wanted) {
  if (d.recreate) return d.replicas;
  const auto room = d.replicas + d.max_surge - total;
  if (room <= 0) return wanted;
  return wanted + std::min(room, d.replicas - wanted);
}

bool is_scaling(const deployment_view& d, const rollout_set* fresh, const rollout_sets& old) {
  const auto differs = [&](const rollout_set& s) {
    const auto desired = number_in(s.annotations, desired_replicas_annotation);
    return s.replicas > 0 && desired && *desired != d.replicas;
  };
  return (fresh && differs(*fresh)) || std::ranges::any_of(old, differs);
}

std::vector<set_scale> scale_proportionally(const deployment_view& d, rollout_set* fresh,
                                            rollout_sets& old) {
  auto sets = active(fresh, old);
  if (sets.size() < 2) {
    rollout_set* only = sets.empty() ? fresh : sets.front();
    if (!only && !old.empty()) only = &old.back();  // the newest
    if (!only || only->replicas == d.replicas) return {};
    return {scale_to(*only, d.replicas)};
  }
  if (saturated(d, fresh)) return scale_down_all(old);
  if (d.recreate) return {};
  return spread(d, std::move(sets));
}

std::vector<set_scale> roll(const deployment_view& d, rollout_set& fresh, rollout_sets& old) {
  if (fresh.replicas > d.replicas) return {scale_to(fresh, d.replicas)};
  const auto total = fresh.replicas + wanted_replicas(old);
  if (fresh.replicas < d.replicas)
    if (const auto to = new_set_replicas(d, total, fresh.replicas); to != fresh.replicas)
      return {scale_to(fresh, to)};
  if (wanted_replicas(old) == 0) return {};
  const auto most = total - (d.replicas - d.max_unavailable) - (fresh.replicas - fresh.available);
  if (most <= 0) return {};
  std::int64_t cleaned = 0;
  auto out = clean_up_unhealthy(old, most, cleaned);
  for (auto& s : scale_down_old(d, fresh, old)) out.push_back(std::move(s));
  return out;
}

std::vector<set_scale> scale_down_all(rollout_sets& old) {
  std::vector<set_scale> out;
  for (auto& s : old)
    if (s.replicas != 0) out.push_back(scale_to(s, 0));
  return out;
}

}  // namespace troupe::model
