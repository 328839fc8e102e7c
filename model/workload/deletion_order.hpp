#pragma once

#include "model/workload/pod_facts.hpp"

#include <cstddef>
#include <vector>

namespace troupe::model {

/// A pod that may go when there are too many.
struct deletion_candidate {
  std::size_t index = 0;  ///< in the caller's list
  const pod_facts* facts = nullptr;
  std::size_t neighbours = 0;  ///< active pods of the same workload on its node, itself included
};

/// Those that are to go first come first (kube's ActivePodsWithRanks): without a node, by phase
/// (Pending, Unknown, Running), not ready, of less pod-deletion-cost, with more neighbours, ready
/// for less time, restarted more often, younger. Times count by their order of magnitude (base 2);
/// what is the same in all goes by uid.
void sort_for_deletion(std::vector<deletion_candidate>& pods, time_point now);

}  // namespace troupe::model
