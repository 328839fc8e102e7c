#pragma once

#include <string_view>

namespace troupe::model {

/// Whether the IANA database has a zone, or an older name of one, so called (model/time_zones.txt).
bool is_time_zone(std::string_view name);

}  // namespace troupe::model
