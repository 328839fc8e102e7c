#pragma once

#include <string>
#include <string_view>

namespace troupe::model {

/// What is wrong with a schedule, in the words of the parser that Kubernetes uses; "" when nothing
/// is. Five fields (minute, hour, day of month, month, day of week), "@hourly" and its kin, or
/// "@every 1h30m"; before them a zone: "TZ=Europe/Oslo ".
std::string cron_fault(std::string_view schedule);

}  // namespace troupe::model
