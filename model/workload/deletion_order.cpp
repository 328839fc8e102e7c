#include "model/workload/deletion_order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace troupe::model {
namespace {

// Of a time in the past; the unknown comes before all.
std::int64_t magnitude(const std::optional<time_point>& t, time_point now) {
  if (!t) return std::numeric_limits<std::int64_t>::min();
  const auto age = std::chrono::duration_cast<std::chrono::nanoseconds>(now - *t).count();
  return age > 0 ? static_cast<std::int64_t>(std::log2(static_cast<double>(age))) : -1;
}

int phase_rank(const std::string& phase) {
  if (phase == "Running") return 2;
  return phase == "Unknown" ? 1 : 0;
}

// What comes first in this order goes first.
auto rank(const deletion_candidate& c, time_point now) {
  const pod_facts& f = *c.facts;
  return std::make_tuple(!f.node.empty(), phase_rank(f.phase), f.ready, f.deletion_cost,
                         -static_cast<std::int64_t>(c.neighbours),
                         f.ready ? magnitude(f.ready_since, now) : 0, -f.restarts,
                         -f.sidecar_restarts, magnitude(f.created, now), f.uid);
}

}  // namespace

void sort_for_deletion(std::vector<deletion_candidate>& pods, time_point now) {
  std::vector<std::pair<decltype(rank(pods.front(), now)), deletion_candidate>> ranked;
  ranked.reserve(pods.size());
  for (auto& pod : pods) ranked.emplace_back(rank(pod, now), pod);
  std::ranges::sort(
      ranked, {}, [](const auto& r) -> const auto& { return r.first; });
  for (std::size_t i = 0; i < pods.size(); ++i) pods[i] = ranked[i].second;
}

}  // namespace troupe::model
