#pragma once

#include "model/node_view.hpp"
#include "model/pod_view.hpp"

#include <cstdint>

namespace troupe::model {

// kube-scheduler 1.32's scores (0 to 100 after normalisation) and their default weights.

inline constexpr std::int64_t max_node_score = 100;
inline constexpr std::int64_t least_allocated_weight = 1;
inline constexpr std::int64_t balanced_allocation_weight = 1;
inline constexpr std::int64_t node_affinity_weight = 2;
inline constexpr std::int64_t taint_toleration_weight = 3;
inline constexpr std::int64_t inter_pod_affinity_weight = 2;
inline constexpr std::int64_t pod_topology_spread_weight = 2;
inline constexpr std::int64_t image_locality_weight = 1;
/// What a required affinity of a pod that is there adds to the score of what it wants.
inline constexpr std::int64_t hard_pod_affinity_weight = 1;

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

/// NodeAffinity before normalisation: weights of the preferred terms that match.
std::int64_t preferred_affinity(const pod_view& pod, const node_view& node);
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
