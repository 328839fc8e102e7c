#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

namespace troupe::model {

/// Puts the condition Dangling into a FlowSchema: whether the priority level that it names is not
/// there. False: it says so already.
bool set_dangling(json& schema, bool level_exists, time_point now);

}  // namespace troupe::model
