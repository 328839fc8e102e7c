#pragma once

#include "model/scheduling/placement_rules.hpp"

#include <vector>

namespace troupe::model {

// PodTopologySpread's constraints for pods that have none of their own.

/// The constraint of one of PodTopologySpreadArgs.defaultConstraints. Whom it counts is left open.
spread_constraint default_constraint_of(const json& constraint);

/// The constraints over the pods that `who` selects.
std::vector<spread_constraint> spread_over(std::vector<spread_constraint> constraints,
                                           const pod_matcher& who);

}  // namespace troupe::model
