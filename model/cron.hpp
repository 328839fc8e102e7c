#pragma once

#include "model/time.hpp"
#include "model/time_zone.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::model {

/// What is wrong with a schedule, in the words of the parser that Kubernetes uses; "" when nothing
/// is. Five fields (minute, hour, day of month, month, day of week), "@hourly" and its kin, or
/// "@every 1h30m"; before them a zone: "TZ=Europe/Oslo ".
std::string cron_fault(std::string_view schedule);

/// When something is due again and again.
class cron_schedule {
 public:
  /// Nothing for what cron_fault() has a fault in. `zone` is the one of a schedule that names none.
  static std::optional<cron_schedule> parse(std::string_view text, const time_zone& zone = {});

  /// The first time after `t` that is meant, in whole seconds; nothing when there is none within
  /// five years ("0 0 31 2 *"). Where clocks change: what they skip does not happen, what they show
  /// twice happens twice, as Kubernetes' parser has it.
  std::optional<time_point> next(time_point t) const;

 private:
  friend struct cron_parser;
  std::optional<std::chrono::sys_seconds> next_by_fields(std::chrono::sys_seconds t) const;
  bool day_matches(std::chrono::year_month_day day) const;

  std::array<std::uint64_t, 5> fields_{};  ///< a bit a value: minute, hour, day, month, weekday
  bool any_day_ = false;                   ///< one of the two fields of days takes every day
  std::chrono::seconds every_{0};          ///< not 0: "@every", and nothing else counts
  time_zone zone_;
};

}  // namespace troupe::model
