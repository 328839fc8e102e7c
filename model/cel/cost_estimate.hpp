#pragma once

#include "model/cel/check.hpp"
#include "model/cel/cost.hpp"

namespace troupe::model::cel {

/// What an evaluation of an expression may cost, as cel-go 0.22 and Kubernetes' libraries estimate
/// it: what is declared of sizes (`max_elements`) is counted as the worst there can be, and what
/// nothing is known of as endless. `root`: what the expression's variables are.
cost_range estimate_cost(const typed_tree& tree, const type& root);

}  // namespace troupe::model::cel
