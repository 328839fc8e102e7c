#pragma once

#include "model/request_info.hpp"

#include <optional>

namespace troupe::model {

/// 400 for a `timeout` that is no duration; for requests that do not last (is_long_running()).
std::optional<status> check_timeout(const request_info& info);

}  // namespace troupe::model
