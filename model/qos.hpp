#pragma once

#include "model/json.hpp"

#include <string_view>

namespace troupe::model {

/// A pod's quality-of-service class by the cpu and memory of its containers and init containers:
/// "Guaranteed", "Burstable" or "BestEffort".
std::string_view qos_class(const json& pod_spec);

}  // namespace troupe::model
