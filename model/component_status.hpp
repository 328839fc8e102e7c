#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

#include <string_view>

namespace troupe::model {

/// The ComponentStatus of a part that holds a Lease while it works: healthy while the Lease (null:
/// there is none) is in force.
json component_status(std::string_view name, const json& lease, time_point now);

}  // namespace troupe::model
