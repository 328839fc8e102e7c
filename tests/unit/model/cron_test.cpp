// floors: model
#include "model/cron.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

struct due {
  const char* schedule;
  const char* zone;
  const char* after;
  const char* next;  ///< "": never
};

std::string next_of(const due& d) {
  const auto zone = time_zone::find(d.zone);
  const auto schedule = cron_schedule::parse(d.schedule, *zone);
  const auto next = schedule->next(*from_rfc3339(d.after));
  return next ? to_rfc3339(*next) : "";
}

TEST(Cron, TheNextTime) {
  const due table[] = {
      {"* * * * *", "", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"},
      {"*/15 * * * *", "", "2026-01-01T12:07:30Z", "2026-01-01T12:15:00Z"},
      {"0 0 1 1 *", "", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
      {"@hourly", "", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"},
      {"@weekly", "", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
      {"30 6-16/4 * * 1-5", "", "2026-01-02T14:31:00Z", "2026-01-05T06:30:00Z"},
      {"0 0 29 2 *", "", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"0 0 31 2 *", "", "2026-01-01T00:00:00Z", ""},
      // A date and a weekday: either of them.
      {"0 0 13 * 5", "", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
      {"0 0 13 * *", "", "2026-01-01T00:00:00Z", "2026-01-13T00:00:00Z"},
      {"@every 90m", "", "2026-01-01T00:00:10Z", "2026-01-01T01:30:10Z"},
      {"@every 1h30m10s", "", "2026-01-01T00:00:00Z", "2026-01-01T01:30:10Z"},
      {"@every 9000000000h", "", "2026-01-01T00:00:00Z", "2184-06-11T08:53:20Z"},
      {"@every 1ms", "", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"},
  };
  for (const auto& d : table) EXPECT_EQ(next_of(d), d.next) << d.schedule << " " << d.after;
}

TEST(Cron, TheNextTimeWhereClocksAreElsewhere) {
  const due table[] = {
      {"0 9 * * *", "Asia/Tokyo", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
      {"0 9 * * *", "America/New_York", "2026-01-15T00:00:00Z", "2026-01-15T14:00:00Z"},
      {"0 9 * * *", "America/New_York", "2026-07-15T00:00:00Z", "2026-07-15T13:00:00Z"},
      {"0 0 * * *", "Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T18:15:00Z"},
      {"TZ=Asia/Tokyo 0 9 * * *", "", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
      {"0 9 * * *", "Australia/Sydney", "2026-01-01T00:00:00Z", "2026-01-01T22:00:00Z"},
      {"0 9 * * *", "Europe/Dublin", "2026-07-01T00:00:00Z", "2026-07-01T08:00:00Z"},
      {"0 9 * * *", "Europe/Dublin", "2026-12-01T00:00:00Z", "2026-12-01T09:00:00Z"},
      // An hour that the clocks skip does not happen, one that they show twice happens twice.
      {"30 2 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", "2026-03-30T00:30:00Z"},
      {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
      {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
      {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"},
      // In Beirut it is midnight that they skip.
      {"0 0 * * *", "Asia/Beirut", "2026-03-28T00:00:00Z", "2026-03-29T21:00:00Z"},
      {"0 1 * * *", "Asia/Beirut", "2026-03-28T12:00:00Z", "2026-03-28T22:00:00Z"},
      // Ramadan follows no rule that a zone's text could say.
      {"0 9 * * *", "Africa/Casablanca", "2026-02-10T00:00:00Z", "2026-02-10T08:00:00Z"},
      {"0 9 * * *", "Africa/Casablanca", "2026-03-01T00:00:00Z", "2026-03-01T09:00:00Z"},
  };
  for (const auto& d : table)
    EXPECT_EQ(next_of(d), d.next) << d.schedule << " " << d.zone << " " << d.after;
}

TEST(Cron, WhatIsNoScheduleAndNoZone) {
  EXPECT_FALSE(cron_schedule::parse("* * * *"));
  EXPECT_FALSE(time_zone::find("Mars/Olympus"));
}

}  // namespace
}  // namespace troupe::model
