// floors: model
#include "model/workload/cron_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

time_point at_time(const std::string& text) {
  return *from_rfc3339("2026-03-02T" + text + "Z");  // a Monday
}

json hourly(const json& spec = json::object()) {
  json out = {
      {"metadata",
       {{"name", "tidy"},
        {"namespace", "team"},
        {"uid", "u1"},
        {"creationTimestamp", "2026-03-02T08:10:00Z"}}},
      {"spec",
       {{"schedule", "0 * * * *"},
        {"concurrencyPolicy", "Allow"},
        {"jobTemplate",
         {{"metadata", {{"labels", {{"app", "tidy"}}}}}, {"spec", {{"completions", 2}}}}}}}};
  out["spec"].update(spec);
  return out;
}

json job(const std::string& name, const std::string& end = {}, const std::string& start = {}) {
  json out = {{"metadata", {{"name", name}, {"namespace", "team"}, {"uid", "uid-" + name}}},
              {"status", json::object()}};
  if (!start.empty()) out["status"]["startTime"] = "2026-03-02T" + start + "Z";
  if (!end.empty())
    out["status"]["conditions"] = json::array({{{"type", end}, {"status", "True"}}});
  if (end == "Complete") out["status"]["completionTime"] = "2026-03-02T08:59:00Z";
  return out;
}

json active(std::initializer_list<const char*> names) {
  json out = json::array();
  for (const std::string name : names) out.push_back({{"name", name}, {"uid", "uid-" + name}});
  return out;
}

std::vector<std::string> said(const cron_decision& d) {
  std::vector<std::string> out;
  for (const auto& r : d.remarks)
    out.push_back((r.warning ? "Warning " : "") + r.reason + ": " + r.message);
  return out;
}

TEST(CronJob, StartsAJobOnceItIsDue) {
  EXPECT_TRUE(decide_cron_job(hourly(), {}, at_time("08:59:59")).job.is_null());
  const auto d = decide_cron_job(hourly(), {}, at_time("09:00:00"));
  EXPECT_EQ(d.job["metadata"]["name"], "tidy-29540700");  // minutes since the epoch
  EXPECT_EQ(d.job["metadata"]["namespace"], "team");
  EXPECT_EQ(d.job["metadata"]["labels"], json({{"app", "tidy"}}));
  EXPECT_EQ(d.job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"],
            "2026-03-02T09:00:00Z");
  EXPECT_EQ(d.job["metadata"]["ownerReferences"][0]["uid"], "u1");
  EXPECT_EQ(d.job["metadata"]["ownerReferences"][0]["controller"], true);
  EXPECT_EQ(d.job["spec"], json({{"completions", 2}}));
  EXPECT_EQ(d.scheduled, at_time("09:00:00"));
  EXPECT_THAT(said(d), IsEmpty());
}

TEST(CronJob, OnlyTheLastOfMissedStartsIsMadeUpFor) {
  const auto d = decide_cron_job(hourly(), {}, at_time("12:30:00"));
  EXPECT_EQ(d.scheduled, at_time("12:00:00"));
  EXPECT_FALSE(d.job.is_null());
  EXPECT_THAT(said(d), IsEmpty());
}

TEST(CronJob, WhatWasStartedIsNotStartedAgain) {
  auto cron = hourly();
  cron["status"]["lastScheduleTime"] = "2026-03-02T09:00:00Z";
  EXPECT_TRUE(decide_cron_job(cron, {}, at_time("09:30:00")).job.is_null());
  EXPECT_FALSE(decide_cron_job(cron, {}, at_time("10:00:00")).job.is_null());
  // Its status was not written any more before a restart.
  cron["status"] = {{"active", active({"tidy-29540700"})}};
  EXPECT_TRUE(decide_cron_job(cron, {job("tidy-29540700")}, at_time("09:30:00")).job.is_null());
}

TEST(CronJob, ManyMissedStartsAreReported) {
  const auto d = decide_cron_job(hourly({{"schedule", "* * * * *"}}), {}, at_time("10:30:00"));
  EXPECT_EQ(d.scheduled, at_time("10:30:00"));
  EXPECT_THAT(
      said(d),
      ElementsAre("Warning TooManyMissedTimes: too many missed start times. Set or decrease "
                  ".spec.startingDeadlineSeconds or check clock skew"));
  // A deadline keeps what is counted short.
  const auto few =
      decide_cron_job(hourly({{"schedule", "* * * * *"}, {"startingDeadlineSeconds", 300}}), {},
                      at_time("10:30:00"));
  EXPECT_FALSE(few.job.is_null());
  EXPECT_THAT(said(few), IsEmpty());
}

TEST(CronJob, AfterTheStartingDeadlineNothingStarts) {
  const auto cron = hourly({{"startingDeadlineSeconds", 60}});
  EXPECT_FALSE(decide_cron_job(cron, {}, at_time("09:00:59")).job.is_null());
  EXPECT_TRUE(decide_cron_job(cron, {}, at_time("09:01:30")).job.is_null());
}

TEST(CronJob, TheEndOfTimeIsNoDeadline) {
  const auto cron = hourly({{"startingDeadlineSeconds", 9223372036854775807}});
  EXPECT_FALSE(decide_cron_job(cron, {}, at_time("09:00:59")).job.is_null());
}

TEST(CronJob, ConcurrencyPolicies) {
  const std::vector<json> running{job("tidy-1")};
  const auto decide = [&](const char* policy) {
    auto cron = hourly({{"concurrencyPolicy", policy}});
    cron["status"]["active"] = active({"tidy-1"});
    return decide_cron_job(cron, running, at_time("09:00:00"));
  };
  EXPECT_FALSE(decide("Allow").job.is_null());
  EXPECT_THAT(decide("Allow").replaced, IsEmpty());
  EXPECT_TRUE(decide("Forbid").job.is_null());
  EXPECT_THAT(said(decide("Forbid")),
              ElementsAre("JobAlreadyActive: Not starting job because prior execution is running "
                          "and concurrency policy is Forbid"));
  EXPECT_FALSE(decide("Replace").job.is_null());
  EXPECT_THAT(decide("Replace").replaced, ElementsAre("tidy-1"));
}

TEST(CronJob, StatusFollowsTheJobs) {
  auto cron = hourly();
  cron["status"]["active"] = active({"tidy-1", "tidy-2", "tidy-3"});
  const auto d =
      decide_cron_job(cron, {job("tidy-1", "Complete"), job("tidy-2", "Failed"), job("tidy-4")},
                      at_time("08:30:00"));
  EXPECT_THAT(
      said(d),
      ElementsAre("SawCompletedJob: Saw completed job: tidy-1, condition: Complete",
                  "SawCompletedJob: Saw completed job: tidy-2, condition: Failed",
                  "Warning UnexpectedJob: Saw a job that the controller did not create or forgot: "
                  "tidy-4",
                  "MissingJob: Active job went missing: tidy-3"));
  EXPECT_EQ(d.status, json({{"lastSuccessfulTime", "2026-03-02T08:59:00Z"}}));
}

TEST(CronJob, HistoryIsKeptWithinItsLimits) {
  const auto cron = hourly({{"successfulJobsHistoryLimit", 1}, {"failedJobsHistoryLimit", 0}});
  EXPECT_THAT(outdated_cron_jobs(cron, {job("new", "Complete", "08:20:00"), job("never", "Failed"),
                                        job("old", "Complete", "08:10:00"), job("running")}),
              ElementsAre("old", "never"));
  EXPECT_THAT(outdated_cron_jobs(hourly(), {job("old", "Complete", "08:10:00")}), IsEmpty());
  // Those that have not started are the last to go, of others the name decides.
  EXPECT_THAT(outdated_cron_jobs(hourly({{"failedJobsHistoryLimit", 1}}),
                                 {job("a", "Failed"), job("c", "Failed", "08:10:00"),
                                  job("b", "Failed", "08:10:00")}),
              ElementsAre("b", "c"));
}

TEST(CronJob, AJobThatWasDeletedAsOutdatedIsNotToldOf) {
  // Its reference has gone from the status with it.
  const auto d = decide_cron_job(hourly(), {job("tidy-1", "Complete")}, at_time("08:30:00"));
  EXPECT_THAT(said(d), IsEmpty());
  EXPECT_EQ(d.status, json({{"lastSuccessfulTime", "2026-03-02T08:59:00Z"}}));
}

TEST(CronJob, WhereClocksChange) {
  // The hour that the clocks show twice has two Jobs, which their time in UTC keeps apart.
  auto cron = hourly({{"schedule", "30 2 * * *"}, {"timeZone", "Europe/Berlin"}});
  cron["metadata"]["creationTimestamp"] = "2026-10-24T12:00:00Z";
  const auto due = [&cron](const char* now) {
    auto d = decide_cron_job(cron, {}, *from_rfc3339(now));
    if (!d.job.is_null()) cron["status"]["lastScheduleTime"] = to_rfc3339(d.scheduled);
    return d.job.is_null() ? std::string()
                           : string_at(d.job, {"metadata", "annotations",
                                               "batch.kubernetes.io/cronjob-scheduled-timestamp"});
  };
  EXPECT_EQ(due("2026-10-25T00:30:00Z"), "2026-10-25T02:30:00+02:00");
  EXPECT_EQ(due("2026-10-25T01:29:59Z"), "");
  EXPECT_EQ(due("2026-10-25T01:30:00Z"), "2026-10-25T02:30:00+01:00");
  EXPECT_EQ(due("2026-10-26T01:30:00Z"), "2026-10-26T02:30:00+01:00");
}

TEST(CronJob, OtherTimesAreAnotherSchedule) {
  const auto cron = hourly({{"timeZone", "Asia/Tokyo"}});
  EXPECT_TRUE(schedule_differs(cron, hourly()));
  EXPECT_TRUE(schedule_differs(cron, hourly({{"schedule", "@daily"}, {"timeZone", "Asia/Tokyo"}})));
  EXPECT_FALSE(schedule_differs(cron, hourly({{"suspend", true}, {"timeZone", "Asia/Tokyo"}})));
}

TEST(CronJob, ATimeZoneMovesTheSchedule) {
  const auto cron = hourly({{"schedule", "30 18 * * *"}, {"timeZone", "Asia/Tokyo"}});
  const auto d = decide_cron_job(cron, {}, at_time("09:30:00"));
  EXPECT_EQ(d.job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"],
            "2026-03-02T18:30:00+09:00");
}

TEST(CronJob, WhatStandsStillStartsNothing) {
  auto deleting = hourly();
  deleting["metadata"]["deletionTimestamp"] = "2026-03-02T08:30:00Z";
  const std::pair<json, std::vector<std::string>> table[] = {
      {hourly({{"suspend", true}}), {}},
      {deleting, {}},
      {hourly({{"suspend", true}, {"schedule", "x"}}), {}},
      {hourly({{"suspend", true}, {"timeZone", "Mars"}}),
       {"Warning UnknownTimeZone: invalid timeZone: \"Mars\": unknown time zone Mars"}},
      {hourly({{"timeZone", "Mars"}}),
       {"Warning UnknownTimeZone: invalid timeZone: \"Mars\": unknown time zone Mars"}},
      {hourly({{"schedule", "x"}}),
       {"Warning UnparseableSchedule: unparseable schedule: \"x\" : expected exactly 5 fields, "
        "found 1: [x]"}},
      {hourly({{"schedule", "0 0 31 2 *"}}),
       {"Warning InvalidSchedule: invalid schedule: 0 0 31 2 * : time difference between two "
        "schedules is less than 1 second"}}};
  for (const auto& [cron, remarks] : table) {
    const auto d = decide_cron_job(cron, {}, at_time("09:30:00"));
    EXPECT_TRUE(d.job.is_null()) << cron;
    EXPECT_EQ(said(d), remarks);
    EXPECT_EQ(next_cron_visit(cron, at_time("09:30:00")), std::nullopt) << cron;
  }
}

TEST(CronJob, IsVisitedWhenItIsDue) {
  const auto visit = [](const json& cron, const char* now) {
    return next_cron_visit(cron, at_time(now));
  };
  using std::chrono::milliseconds;
  EXPECT_EQ(visit(hourly(), "08:20:00"), at_time("09:00:00") + milliseconds(100));
  auto cron = hourly();
  cron["status"]["lastScheduleTime"] = "2026-03-02T11:00:00Z";
  EXPECT_EQ(visit(cron, "11:00:01"), at_time("12:00:00") + milliseconds(100));
  EXPECT_EQ(visit(hourly(), "15:30:00"), at_time("16:00:00") + milliseconds(100));
}

TEST(CronJob, AStartedJobIsActive) {
  json status = json::object();
  json made = job("tidy-29540700");
  made["metadata"]["resourceVersion"] = "7";
  add_started_job(status, made, at_time("09:00:00"));
  EXPECT_EQ(status["lastScheduleTime"], "2026-03-02T09:00:00Z");
  EXPECT_EQ(status["active"][0]["uid"], "uid-tidy-29540700");
  EXPECT_EQ(status["active"][0]["resourceVersion"], "7");
  drop_active_job(status, "uid-tidy-29540700");
  EXPECT_FALSE(status.contains("active"));
}

}  // namespace
}  // namespace troupe::model
