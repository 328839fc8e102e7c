#include "model/workload/cron_job.hpp"

#include "model/cron.hpp"
#include "model/workload/job_conditions.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

using std::chrono::seconds;

constexpr std::int64_t many_missed = 100;
constexpr std::int64_t longest_deadline = 3'000'000'000;  ///< s: more would reach past time's end
constexpr std::chrono::milliseconds visit_delay{100};

std::optional<time_point> time_at(const json& value, std::initializer_list<std::string_view> path) {
  return from_rfc3339(string_at(value, path));
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

/// "Mon, 02 Jan 2006 15:04:05 +0000".
std::string to_rfc1123(time_point t) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const auto text = to_rfc3339(t);  // 2006-01-02T15:04:05Z
  return std::string(days[std::chrono::weekday(day).c_encoding()]) + ", " + text.substr(8, 2) +
         " " + months[static_cast<unsigned>(date.month()) - 1] + " " + text.substr(0, 4) + " " +
         text.substr(11, 8) + " +0000";
}

/// "2006-01-02T15:04:05+09:00".
std::string in_zone(time_point t, const time_zone& zone) {
  const auto offset = zone.offset_at(std::chrono::floor<seconds>(t));
  auto text = to_rfc3339(t + offset);
  if (offset.count() == 0) return text;
  const auto minutes = std::chrono::abs(std::chrono::floor<std::chrono::minutes>(offset)).count();
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  text.pop_back();
  text.push_back(offset.count() < 0 ? '-' : '+');
  return text.append(two(minutes / 60)).append(":").append(two(minutes % 60));
}

std::optional<seconds> starting_deadline(const json& cron_job) {
  const json& deadline = at(cron_job, {"spec", "startingDeadlineSeconds"});
  if (!deadline.is_number_integer()) return std::nullopt;
  return seconds(std::min(deadline.get<std::int64_t>(), longest_deadline));
}

struct missed {
  time_point earliest;                    ///< nothing before counts
  std::optional<time_point> most_recent;  ///< the last time that has come
  std::int64_t count = 0;                 ///< about how many have
  std::string fault;
};

missed missed_starts(const json& cron_job, const cron_schedule& schedule, time_point now,
                     bool with_deadline) {
  missed out;
  out.earliest = time_at(cron_job, {"metadata", "creationTimestamp"}).value_or(now);
  if (const auto last = time_at(cron_job, {"status", "lastScheduleTime"})) out.earliest = *last;
  if (const auto deadline = starting_deadline(cron_job); with_deadline && deadline)
    out.earliest = std::max<time_point>(out.earliest, now - *deadline);
  const auto first = schedule.next(out.earliest);
  const auto second = first ? schedule.next(*first) : std::nullopt;
  if (first && now < *first) return out;
  if (first && (!second || now < *second)) {
    out.most_recent = first;
    return out;
  }
  if (!first) {
    out.fault = "time difference between two schedules is less than 1 second";
    return out;
  }
  // Not every start in between is looked at: there may be years of them.
  const auto between = std::chrono::floor<seconds>(*second - *first).count();
  out.count = std::chrono::floor<seconds>(now - *first).count() / between + 1;
  auto t = schedule.next(*first + seconds((out.count - 2) * between));
  for (; t && *t <= now; t = schedule.next(*t)) out.most_recent = t;
  return out;
}

bool is_suspended(const json& cron_job) {
  return at(cron_job, {"spec", "suspend"}) == true;
}

bool is_deleted(const json& cron_job) {
  return at(cron_job, {"metadata"}).contains("deletionTimestamp");
}

struct parsed_schedule {
  std::optional<cron_schedule> schedule;
  time_zone zone;
  std::vector<remark> remarks;
};

// A zone that is none is told of also while the CronJob is suspended, what is wrong with the
// schedule only when it counts.
parsed_schedule schedule_of(const json& cron_job) {
  parsed_schedule out;
  const auto zone_name = string_at(cron_job, {"spec", "timeZone"});
  const auto zone = time_zone::find(zone_name);
  if (!zone) {
    out.remarks.push_back(
        {"UnknownTimeZone",
         "invalid timeZone: " + quoted(zone_name) + ": unknown time zone " + zone_name, true});
    return out;
  }
  if (is_suspended(cron_job)) return out;
  out.zone = *zone;
  const auto text = string_at(cron_job, {"spec", "schedule"});
  if (text.find("TZ") != std::string::npos)
    out.remarks.push_back(
        {"UnsupportedSchedule",
         "CRON_TZ or TZ used in schedule " + quoted(text) +
             " is not officially supported, see "
             "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more "
             "details",
         true});
  out.schedule = cron_schedule::parse(text, *zone);
  if (!out.schedule)
    out.remarks.push_back({"UnparseableSchedule",
                           "unparseable schedule: " + quoted(text) + " : " + cron_fault(text),
                           true});
  return out;
}

bool is_active(const json& status, std::string_view uid) {
  return std::ranges::any_of(at(status, {"active"}),
                             [&](const json& ref) { return string_at(ref, {"uid"}) == uid; });
}

// Which Jobs run, from what they say themselves.
void follow_jobs(const std::vector<json>& jobs, cron_decision& out) {
  std::set<std::string> there;
  for (const json& job : jobs) {
    const auto uid = string_at(job, {"metadata", "uid"});
    const auto name = string_at(job, {"metadata", "name"});
    const auto end = job_end(job);
    there.insert(uid);
    if (is_active(out.status, uid)) {
      if (end.empty()) continue;
      drop_active_job(out.status, uid);
      out.remarks.push_back(
          {"SawCompletedJob", "Saw completed job: " + name + ", condition: " + std::string(end)});
    } else if (end.empty()) {
      out.remarks.push_back({"UnexpectedJob",
                             "Saw a job that the controller did not create or forgot: " + name,
                             true});
    }
    const auto completed = time_at(job, {"status", "completionTime"});
    const auto before = time_at(out.status, {"lastSuccessfulTime"});
    if (end == "Complete" && completed && (!before || *before < *completed))
      out.status["lastSuccessfulTime"] = to_rfc3339(*completed);
  }
  const json active = at(out.status, {"active"});
  for (const json& ref : active) {
    if (there.contains(string_at(ref, {"uid"}))) continue;
    out.remarks.push_back({"MissingJob", "Active job went missing: " + string_at(ref, {"name"})});
    drop_active_job(out.status, string_at(ref, {"uid"}));
  }
}

void add_outdated(const json& limit, std::string_view end, const std::vector<json>& jobs,
                  std::vector<std::string>& out) {
  if (!limit.is_number_integer()) return;
  // Those without a start time come last.
  std::vector<std::pair<std::string, std::string>> ended;
  for (const json& job : jobs)
    if (job_end(job) == end)
      ended.emplace_back(string_at(job, {"status", "startTime"}, "~"),
                         string_at(job, {"metadata", "name"}));
  std::ranges::sort(ended);
  const auto surplus = static_cast<std::int64_t>(ended.size()) - limit.get<std::int64_t>();
  for (std::int64_t i = 0; i < surplus; ++i)
    out.push_back(std::move(ended[static_cast<std::size_t>(i)].second));
}

json job_for(const json& cron_job, time_point scheduled, const time_zone& zone) {
  const json& made = at(cron_job, {"spec", "jobTemplate"});
  const auto minutes = std::chrono::floor<std::chrono::minutes>(scheduled.time_since_epoch());
  json metadata = {
      {"name", string_at(cron_job, {"metadata", "name"}) + "-" + std::to_string(minutes.count())},
      {"namespace", at(cron_job, {"metadata", "namespace"})},
      {"annotations", json::object()},
      {"ownerReferences", json::array({{{"apiVersion", "batch/v1"},
                                        {"kind", "CronJob"},
                                        {"name", at(cron_job, {"metadata", "name"})},
                                        {"uid", at(cron_job, {"metadata", "uid"})},
                                        {"controller", true},
                                        {"blockOwnerDeletion", true}}})}};
  for (const char* member : {"labels", "annotations"})
    if (const json& found = at(made, {"metadata", member}); !found.empty())
      metadata[member] = found;
  metadata["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] =
      in_zone(scheduled, zone);
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", std::move(metadata)},
          {"spec", at(made, {"spec"})}};
}

// Whether the Job that was due then may start, and who has to go for it.
void start_due(const json& cron_job, const parsed_schedule& s, time_point now, cron_decision& out) {
  const auto due = missed_starts(cron_job, *s.schedule, now, true);
  if (!due.fault.empty())
    out.remarks.push_back(
        {"InvalidSchedule",
         "invalid schedule: " + string_at(cron_job, {"spec", "schedule"}) + " : " + due.fault,
         true});
  if (!due.most_recent) return;
  if (due.count > many_missed)
    out.remarks.push_back({"TooManyMissedTimes",
                           "too many missed start times. Set or decrease "
                           ".spec.startingDeadlineSeconds or check clock skew",
                           true});
  if (const auto deadline = starting_deadline(cron_job);
      deadline && *due.most_recent + *deadline < now) {
    out.remarks.push_back({"MissSchedule",
                           "Missed scheduled time to start a job: " + to_rfc1123(*due.most_recent),
                           true});
    return;
  }
  json job = job_for(cron_job, *due.most_recent, s.zone);
  const json& active = at(out.status, {"active"});
  if (std::ranges::any_of(
          active, [&](const json& ref) { return at(ref, {"name"}) == job["metadata"]["name"]; }) ||
      time_at(out.status, {"lastScheduleTime"}) == due.most_recent)
    return;
  const auto policy = string_at(cron_job, {"spec", "concurrencyPolicy"});
  if (policy == "Forbid" && !active.empty()) {
    out.remarks.push_back({"JobAlreadyActive",
                           "Not starting job because prior execution is running and concurrency "
                           "policy is Forbid"});
    return;
  }
  if (policy == "Replace")
    for (const json& ref : active) out.replaced.push_back(string_at(ref, {"name"}));
  out.job = std::move(job);
  out.scheduled = *due.most_recent;
}

}  // namespace

std::vector<std::string> outdated_cron_jobs(const json& cron_job, const std::vector<json>& jobs) {
  std::vector<std::string> out;
  add_outdated(at(cron_job, {"spec", "successfulJobsHistoryLimit"}), "Complete", jobs, out);
  add_outdated(at(cron_job, {"spec", "failedJobsHistoryLimit"}), "Failed", jobs, out);
  return out;
}

cron_decision decide_cron_job(const json& cron_job, const std::vector<json>& jobs, time_point now) {
  cron_decision out;
  out.status = at(cron_job, {"status"});
  if (!out.status.is_object()) out.status = json::object();
  follow_jobs(jobs, out);
  if (is_deleted(cron_job)) return out;
  auto s = schedule_of(cron_job);
  std::ranges::move(s.remarks, std::back_inserter(out.remarks));
  if (s.schedule) start_due(cron_job, s, now, out);
  return out;
}

std::optional<time_point> next_cron_visit(const json& cron_job, time_point now) {
  if (is_deleted(cron_job)) return std::nullopt;
  const auto s = schedule_of(cron_job);
  if (!s.schedule) return std::nullopt;
  const auto past = missed_starts(cron_job, *s.schedule, now, false);
  const bool none_missed = past.fault.empty() && past.count == 0;
  const auto next = s.schedule->next(past.most_recent ? *past.most_recent
                                     : none_missed    ? past.earliest
                                                      : now);
  if (!next) return std::nullopt;
  return *next + visit_delay;
}

bool schedule_differs(const json& before, const json& after) {
  return std::ranges::any_of(std::initializer_list<const char*>{"schedule", "timeZone"},
                             [&](const char* member) {
                               return at(before, {"spec", member}) != at(after, {"spec", member});
                             });
}

void add_started_job(json& status, const json& job, time_point scheduled) {
  json& active = status["active"];
  active.push_back({{"kind", "Job"},
                    {"apiVersion", "batch/v1"},
                    {"namespace", at(job, {"metadata", "namespace"})},
                    {"name", at(job, {"metadata", "name"})},
                    {"uid", at(job, {"metadata", "uid"})},
                    {"resourceVersion", at(job, {"metadata", "resourceVersion"})}});
  status["lastScheduleTime"] = to_rfc3339(scheduled);
}

void drop_active_job(json& status, std::string_view job_uid) {
  const auto active = status.find("active");
  if (active == status.end()) return;
  json left = json::array();
  for (json& ref : *active)
    if (string_at(ref, {"uid"}) != job_uid) left.push_back(std::move(ref));
  if (left.empty())
    status.erase("active");
  else
    *active = std::move(left);
}

}  // namespace troupe::model
