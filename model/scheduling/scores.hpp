#pragma once

#include "model/node_view.hpp"
#include "model/pod_view.hpp"
#include "model/scheduling/profile.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace troupe::model {

// kube-scheduler 1.32's scores (0 to 100 after normalisation). Their weights are a profile's.

inline constexpr std::int64_t max_node_score = 100;

/// CPU and memory of a node with the pod on it; capacity 0 counts as absent.
struct allocation {
  std::int64_t cpu = 0;
  std::int64_t cpu_capacity = 0;
  std::int64_t memory = 0;
  std::int64_t memory_capacity = 0;
};

/// NodeResourcesFit with the strategy LeastAllocated; by non-zero requests.
std::int64_t least_allocated_score(const allocation& a);
/// NodeResourcesBalancedAllocation; by requests as named.
std::int64_t balanced_allocation_score(const allocation& a);

/// One resource of a node with the pod on it; capacity 0: it does not count.
struct resource_use {
  std::int64_t requested = 0;
  std::int64_t capacity = 0;
};
/// NodeResourcesFit; `uses`: of the resources of `how`, in their order.
std::int64_t fit_score(const fit_scoring& how, std::span<const resource_use> uses);
/// NodeResourcesBalancedAllocation of any resources.
std::int64_t balance_score(std::span<const resource_use> uses);

/// NodeAffinity before normalisation: weights of the preferred terms that match.
std::int64_t preferred_affinity(const std::vector<preferred_term>& terms, const node_view& node);
/// TaintToleration before normalisation: PreferNoSchedule taints that the pod does not tolerate.
std::int64_t intolerable_taints(const pod_view& pod, const node_view& node);

/// InterPodAffinity: `raw` between the lowest and the highest raw score among the feasible nodes.
std::int64_t normalized_affinity(std::int64_t raw, std::int64_t lowest, std::int64_t highest);
/// PodTopologySpread: the fewer pods, the better.
std::int64_t normalized_spread(std::int64_t raw, std::int64_t lowest, std::int64_t highest);

/// ImageLocality: `bytes` of the pod's images are there, each in proportion to the nodes that have
/// it.
std::int64_t image_locality_score(std::int64_t bytes, std::size_t containers);

/// DefaultNormalizeScore: `raw` in relation to the highest raw score among the feasible nodes.
std::int64_t normalized(std::int64_t raw, std::int64_t highest, bool reverse);

}  // namespace troupe::model
