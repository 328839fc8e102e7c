#pragma once

#include <string_view>

namespace troupe::model {

/// Whether a text has one of OpenAPI's string formats ("date-time", "uuid", ...); a format that
/// nobody knows everything has.
bool has_format(std::string_view text, std::string_view format);

}  // namespace troupe::model
