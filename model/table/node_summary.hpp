#pragma once

#include "model/json.hpp"

#include <string>

namespace troupe::model {

/// "Ready", "NotReady" or "Unknown", with ",SchedulingDisabled" when cordoned.
std::string node_status(const json& node);
/// "control-plane,worker", "" without roles.
std::string node_roles(const json& node);

}  // namespace troupe::model
