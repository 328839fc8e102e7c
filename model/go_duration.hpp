#pragma once

#include <string>
#include <string_view>

namespace troupe::model {

/// Go's time.ParseDuration: "1h15m30.5s". A sign is taken, too. Adds the seconds to `value`, or
/// returns what is wrong in Go's words.
std::string parse_go_duration(std::string_view text, double& value);

}  // namespace troupe::model
