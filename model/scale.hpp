#pragma once

#include "model/json.hpp"
#include "model/validation/path.hpp"

#include <string>
#include <vector>

namespace troupe::model {

/// The autoscaling/v1 Scale of a workload: how many pods it wants and has, and which.
json scale_of(const json& workload);

/// Sets the number of pods that a Scale asks for.
void apply_scale(json& workload, const json& scale);

/// What is wrong with a Scale.
std::vector<cause> validate_scale(const json& scale);

}  // namespace troupe::model
