#pragma once

#include "model/scheduling/offer_table.hpp"

namespace troupe::model {

/// One pass's static verdicts on all nodes: which may take the pod, and the scores that must be
/// normalised over those that do.
struct offer_table::raw_scores {
  std::vector<std::size_t> feasible;
  std::vector<std::int64_t> affinity;  // by row; empty when the pod prefers nothing
  std::vector<std::int64_t> taints;    // by row; empty when no node has such taints
  std::vector<std::int64_t> images;    // score by row; empty when no node has any of the images
  std::vector<std::int64_t> custom;    // weighted score by row; empty without plugins of others
  std::int64_t highest_affinity = 0;
  std::int64_t highest_taints = 0;

  bool normalises() const { return !affinity.empty() || !taints.empty(); }
};

}  // namespace troupe::model
