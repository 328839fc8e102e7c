#include "model/scheduling/profile.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool is_cpu_and_memory(const std::vector<scored_resource>& list) {
  return list == std::vector<scored_resource>{{"cpu", 1}, {"memory", 1}} ||
         list == std::vector<scored_resource>{{"memory", 1}, {"cpu", 1}};
}

}  // namespace

bool profile::scores_plainly() const {
  return fit.strategy == scoring_strategy::least_allocated && is_cpu_and_memory(fit.resources) &&
         is_cpu_and_memory(balanced);
}

bool profile::demands_spread() const {
  return (filters.enabled & pod_topology_spread) != 0 &&
         std::any_of(default_spread.begin(), default_spread.end(),
                     [](const spread_constraint& c) { return c.required; });
}

}  // namespace troupe::model
