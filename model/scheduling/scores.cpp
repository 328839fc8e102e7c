#include "model/scheduling/scores.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::model {
namespace {

std::int64_t least(std::int64_t requested, std::int64_t capacity) {
  return requested > capacity ? 0 : (capacity - requested) * max_node_score / capacity;
}

double fraction(std::int64_t requested, std::int64_t capacity) {
  return std::min(1.0, static_cast<double>(requested) / static_cast<double>(capacity));
}

std::int64_t most(std::int64_t requested, std::int64_t capacity) {
  return std::min(requested, capacity) * max_node_score / capacity;
}

// The function through the points, flat before the first and behind the last.
std::int64_t on_shape(const std::vector<utilization_point>& shape, std::int64_t utilization) {
  const auto after = std::find_if(shape.begin(), shape.end(), [&](const utilization_point& p) {
    return utilization <= p.utilization;
  });
  if (after == shape.end()) return shape.back().score;
  if (after == shape.begin()) return after->score;
  const auto before = after - 1;
  return before->score + (after->score - before->score) * (utilization - before->utilization) /
                             (after->utilization - before->utilization);
}

std::int64_t ratio(const fit_scoring& how, const resource_use& u) {
  const auto full = u.requested > u.capacity;
  return on_shape(how.shape, full ? 100 : u.requested * 100 / u.capacity);
}

}  // namespace

std::int64_t fit_score(const fit_scoring& how, std::span<const resource_use> uses) {
  const bool by_ratio = how.strategy == scoring_strategy::requested_to_capacity_ratio;
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const auto& u = uses[i];
    if (u.capacity == 0) continue;
    const auto score = by_ratio ? ratio(how, u)
                       : how.strategy == scoring_strategy::most_allocated
                           ? most(u.requested, u.capacity)
                           : least(u.requested, u.capacity);
    if (by_ratio && score <= 0) continue;
    sum += how.resources[i].weight * score;
    weights += how.resources[i].weight;
  }
  if (weights == 0) return 0;
  return by_ratio ? std::llround(static_cast<double>(sum) / static_cast<double>(weights))
                  : sum / weights;
}

std::int64_t balance_score(std::span<const resource_use> uses) {
  std::vector<double> fractions;
  double total = 0;
  for (const auto& u : uses) {
    if (u.capacity == 0) continue;
    fractions.push_back(fraction(u.requested, u.capacity));
    total += fractions.back();
  }
  double deviation = 0;
  if (fractions.size() == 2) {
    deviation = std::abs((fractions[0] - fractions[1]) / 2);
  } else if (fractions.size() > 2) {
    const double mean = total / static_cast<double>(fractions.size());
    double sum = 0;
    for (const double f : fractions) sum += (f - mean) * (f - mean);
    deviation = std::sqrt(sum / static_cast<double>(fractions.size()));
  }
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(max_node_score));
}

std::int64_t least_allocated_score(const allocation& a) {
  std::int64_t sum = 0;
  std::int64_t weights = 0;
  if (a.cpu_capacity > 0) sum += least(a.cpu, a.cpu_capacity), ++weights;
  if (a.memory_capacity > 0) sum += least(a.memory, a.memory_capacity), ++weights;
  return weights == 0 ? 0 : sum / weights;
}

std::int64_t balanced_allocation_score(const allocation& a) {
  double deviation = 0;
  if (a.cpu_capacity > 0 && a.memory_capacity > 0)
    deviation =
        std::abs(fraction(a.cpu, a.cpu_capacity) - fraction(a.memory, a.memory_capacity)) / 2;
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(max_node_score));
}

std::int64_t preferred_affinity(const std::vector<preferred_term>& terms, const node_view& node) {
  std::int64_t sum = 0;
  for (const auto& term : terms)
    // A term without requirements matches every node (NodeAffinity's preferred terms).
    if ((term.preference.labels.empty() && term.preference.fields.empty()) ||
        term.preference.matches(node))
      sum += term.weight;
  return sum;
}

std::int64_t intolerable_taints(const pod_view& pod, const node_view& node) {
  // Only tolerations without effect or with PreferNoSchedule speak to these taints, which
  // toleration::tolerates() sees to.
  return std::count_if(node.taints.begin(), node.taints.end(), [&](const taint& t) {
    return t.effect == "PreferNoSchedule" &&
           std::none_of(pod.tolerations.begin(), pod.tolerations.end(),
                        [&](const toleration& have) { return have.tolerates(t); });
  });
}

std::int64_t normalized_affinity(std::int64_t raw, std::int64_t lowest, std::int64_t highest) {
  if (highest <= lowest) return 0;
  return static_cast<std::int64_t>(
      static_cast<double>(max_node_score) *
      (static_cast<double>(raw - lowest) / static_cast<double>(highest - lowest)));
}

std::int64_t normalized_spread(std::int64_t raw, std::int64_t lowest, std::int64_t highest) {
  return highest == 0 ? max_node_score : max_node_score * (highest + lowest - raw) / highest;
}

std::int64_t image_locality_score(std::int64_t bytes, std::size_t containers) {
  constexpr std::int64_t megabyte = 1 << 20;
  constexpr std::int64_t least = 23 * megabyte;
  const std::int64_t most = 1000 * megabyte * static_cast<std::int64_t>(containers);
  if (containers == 0) return 0;
  return max_node_score * (std::clamp(bytes, least, most) - least) / (most - least);
}

std::int64_t normalized(std::int64_t raw, std::int64_t highest, bool reverse) {
  if (highest == 0) return reverse ? max_node_score : raw;
  const std::int64_t score = raw * max_node_score / highest;
  return reverse ? max_node_score - score : score;
}

}  // namespace troupe::model
