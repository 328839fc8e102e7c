#pragma once

#include "model/json.hpp"
#include "model/scheduling/simulation.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// What a simulation came to.
struct simulation_report {
  const std::vector<std::string>& nodes;
  const std::vector<model::simulated_pods>& groups;
  const std::vector<model::simulated_fate>& fates;
  model::utilisation before, after;
};

/// For people: a line a workload, why pods fit nowhere, and how full the nodes are; `wide`: also a
/// line a pod.
std::string simulation_text(const simulation_report& r, bool wide);
/// Everything but, when there are more than ten thousand pods, each one's node.
model::json simulation_json(const simulation_report& r);

}  // namespace troupe::cli
