#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::model {

/// Whether the IANA database has a zone, or an older name of one, so called (model/time_zones.txt).
bool is_time_zone(std::string_view name);

/// How far a zone's clocks are from UTC, now and later: each zone's rule as the IANA database ends
/// with it, and until 2038 the steps of the few that follow no rule. Times before 2025 are taken by
/// the rule, too. UTC when it is made of nothing.
class time_zone {
 public:
  time_zone() = default;
  /// "Europe/Oslo"; "" is UTC, and nothing is known of others.
  static std::optional<time_zone> find(std::string_view name);

  std::chrono::seconds offset_at(std::chrono::sys_seconds t) const;
  /// What the clocks show.
  std::chrono::local_seconds local(std::chrono::sys_seconds t) const;
  /// When they show it. A time that does not exist, or exists twice, becomes what Go's time.Date
  /// makes of it.
  std::chrono::sys_seconds utc(std::chrono::local_seconds t) const;

 private:
  /// When the clocks change: a weekday of a month (week 5: the last) at a time of that day.
  struct change {
    std::chrono::month_weekday_last last{std::chrono::January,
                                         std::chrono::weekday_last(std::chrono::Sunday)};
    unsigned week = 5;
    std::chrono::seconds time{7200};
    std::chrono::local_seconds in(std::chrono::year y) const;
  };

  static time_zone parse(std::string_view text);
  std::chrono::seconds by_rule(std::chrono::sys_seconds t) const;

  std::chrono::seconds standard_{0};
  std::chrono::seconds summer_{0};
  std::optional<std::pair<change, change>> summer_time_;  ///< when it begins and ends
  std::vector<std::pair<std::chrono::sys_seconds, std::chrono::seconds>> steps_;
};

}  // namespace troupe::model
