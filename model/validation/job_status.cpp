#include "model/validation/indexes.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/workload.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

bool is_true(const json& status, std::string_view type) {
  return std::ranges::any_of(items_of(status, "conditions"), [&](const json& c) {
    return text_of(c, "type") == type && text_of(c, "status") == "True";
  });
}

/// What the rules ask of one status.
struct view {
  const json& status;
  bool complete = is_true(status, "Complete");
  bool failed = is_true(status, "Failed");
  bool failure_target = is_true(status, "FailureTarget");
  bool criteria_met = is_true(status, "SuccessCriteriaMet");
  bool finished() const { return complete || failed; }
};

/// "2026-01-01 00:00:00 +0000 UTC", as Go prints a time.
go_text go_time(const json& time) {
  std::string text(as_text(time));
  std::ranges::replace(text, 'T', ' ');
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, " +0000 UTC");
  return {text.empty() ? "null" : text};
}

void validate_uids(const json& pods, const field_path& path, faults& out) {
  std::set<std::string_view> seen;
  for (const char* list : {"succeeded", "failed"}) {
    const field_path list_path = path.child(list);
    const auto& uids = items_of(pods, list);
    for (std::size_t i = 0; i < uids.size(); ++i) {
      const auto uid = as_text(uids[i]);
      if (uid.empty())
        out.invalid(list_path.index(i), uid, "must not be empty");
      else if (!seen.insert(uid).second)
        out.duplicate(list_path.index(i), uid);
    }
  }
}

/// Rules apply where something that they are about has changed: a Job that breaks one already can
/// still be brought on.
class status_check {
 public:
  status_check(const json& old_job, const json& job, faults& out)
      : before_{value_of(old_job, "status")},
        now_{value_of(job, "status")},
        spec_(value_of(job, "spec")),
        out_(out) {}

  void run() {
    check_conditions();
    check_times();
    check_finished();
    check_indexes();
    check_counters();
    check_criteria();
  }

 private:
  bool changed(const char* name) const {
    return value_of(before_.status, name) != value_of(now_.status, name);
  }
  bool end_changed() const { return before_.finished() != now_.finished(); }
  void refuse(std::string_view why) { out_.invalid(path_.child("conditions"), why); }

  void check_conditions() {
    const bool complete = before_.complete != now_.complete;
    const bool failed = before_.failed != now_.failed;
    if ((complete || failed) && now_.complete && now_.failed)
      refuse("cannot set Complete=True and Failed=true conditions");
    if ((complete || before_.failure_target != now_.failure_target) && now_.complete &&
        now_.failure_target)
      refuse("cannot set Complete=True and FailureTarget=true conditions");
    if ((failed || changed("failedIndexes")) && now_.failed && !now_.failure_target)
      refuse("cannot set Failed=True condition without the FailureTarget=true condition");
    if ((complete || before_.criteria_met != now_.criteria_met) && now_.complete &&
        !now_.criteria_met)
      refuse("cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
    for (const char* type : {"Failed", "Complete", "FailureTarget"})
      if (is_true(before_.status, type) && !is_true(now_.status, type))
        refuse("cannot disable the terminal " + std::string(type) + "=True condition");
  }

  void check_times() {
    const json& start = value_of(now_.status, "startTime");
    const json& end = value_of(now_.status, "completionTime");
    const json& old_end = value_of(before_.status, "completionTime");
    const json& old_start = value_of(before_.status, "startTime");
    const field_path end_path = path_.child("completionTime");
    const bool complete = before_.complete != now_.complete;
    if (complete || changed("completionTime")) {
      if (!end.is_null() && !now_.complete)
        out_.invalid(end_path, go_time(end),
                     "cannot set completionTime when there is no Complete=True condition");
      if (end.is_null() && now_.complete)
        out_.required(end_path, "completionTime is required for Complete jobs");
    }
    if ((changed("startTime") || changed("completionTime")) && !start.is_null() && !end.is_null() &&
        end < start)
      out_.invalid(end_path, go_time(end), "must be equal to or after `startTime`");
    if (!end.is_null() && !old_end.is_null() && end != old_end)
      out_.invalid(end_path, go_time(end), "field is immutable");
    // A Job that is resumed starts again (as of 1.32.10).
    const bool resumed = is_true(before_.status, "Suspended") && !is_true(now_.status, "Suspended");
    if (!old_start.is_null() && changed("startTime") && value_of(spec_, "suspend") != true &&
        !resumed)
      out_.required(path_.child("startTime"), "startTime cannot be removed for unsuspended job");
  }

  void check_finished() {
    if (!now_.finished()) return;
    const json& active = value_of(now_.status, "active");
    const json& terminating = value_of(now_.status, "terminating");
    const json& uncounted = value_of(now_.status, "uncountedTerminatedPods");
    if ((end_changed() || changed("active")) && integer_of(now_.status, "active") > 0)
      out_.invalid(path_.child("active"), active, "active>0 is invalid for finished job");
    if ((end_changed() || changed("startTime")) && value_of(now_.status, "startTime").is_null())
      out_.required(path_.child("startTime"), "startTime is required for finished job");
    const bool some =
        !items_of(uncounted, "failed").empty() || !items_of(uncounted, "succeeded").empty();
    if ((end_changed() || changed("uncountedTerminatedPods")) && some)
      out_.invalid(path_.child("uncountedTerminatedPods"), uncounted,
                   "must be empty for finished job");
    if ((end_changed() || changed("terminating")) && integer_of(now_.status, "terminating") > 0)
      out_.invalid(path_.child("terminating"), terminating,
                   "terminating>0 is invalid for finished job");
  }

  void check_indexes() {
    const json& completions = value_of(spec_, "completions");
    const bool counted = completions.is_number_integer();
    const auto most = integer_of(spec_, "completions");
    const bool per_index = !value_of(spec_, "backoffLimitPerIndex").is_null();
    const json& failed = value_of(now_.status, "failedIndexes");
    const auto completed = text_of(now_.status, "completedIndexes");
    const field_path completed_path = path_.child("completedIndexes");
    const field_path failed_path = path_.child("failedIndexes");
    if (changed("completedIndexes")) {
      if (const auto fault = parse_indexes(completed, most).fault; counted && !fault.empty())
        out_.invalid(completed_path, completed, "error parsing completedIndexes: " + fault);
      if (!completed.empty() && text_of(spec_, "completionMode") != "Indexed")
        out_.invalid(completed_path, completed,
                     "cannot set non-empty completedIndexes when non-indexed completion mode");
    }
    if (changed("failedIndexes") && !failed.is_null()) {
      if (const auto fault = parse_indexes(as_text(failed), most).fault;
          counted && per_index && !fault.empty())
        out_.invalid(failed_path, failed, "error parsing failedIndexes: " + fault);
      if (!per_index)
        out_.invalid(failed_path, failed,
                     "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
    }
    if (!counted || failed.is_null() || !(changed("failedIndexes") || changed("completedIndexes")))
      return;
    if (const auto common = first_common_index(completed, as_text(failed), most); common >= 0)
      out_.invalid(
          failed_path, failed,
          "failedIndexes and completedIndexes overlap at index: " + std::to_string(common));
  }

  void check_counters() {
    const auto now = [&](const char* name) { return integer_of(now_.status, name); };
    const auto was = [&](const char* name) { return integer_of(before_.status, name); };
    // An Indexed Job whose completions follow its parallelism may have been scaled down.
    const bool scales = text_of(spec_, "completionMode") == "Indexed" &&
                        value_of(spec_, "completions") == value_of(spec_, "parallelism");
    if (now("failed") < was("failed"))
      out_.invalid(path_.child("failed"), now("failed"), "cannot decrease the failed counter");
    if (!scales && now("succeeded") < was("succeeded"))
      out_.invalid(path_.child("succeeded"), now("succeeded"),
                   "cannot decrease the succeeded counter");
    if ((changed("ready") || changed("active")) && now("ready") > now("active"))
      out_.invalid(path_.child("ready"), now("ready"), "cannot set more ready pods than active");
  }

  void check_criteria() {
    if (now_.criteria_met && now_.failed)
      refuse("cannot set SuccessCriteriaMet=True and Failed=true conditions");
    if (now_.criteria_met && now_.failure_target)
      refuse("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
    if (!value_of(spec_, "successPolicy").is_null() && !now_.criteria_met && now_.complete)
      refuse("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
    if (before_.criteria_met && !now_.criteria_met)
      refuse("cannot disable the SuccessCriteriaMet=True condition");
    if (before_.complete && !before_.criteria_met && now_.criteria_met)
      refuse("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
  }

  view before_;
  view now_;
  const json& spec_;
  faults& out_;
  field_path path_{"status"};
};

}  // namespace

void validate_job_status(const json& old, const json& job, faults& out) {
  static constexpr const char* counters[] = {"active", "succeeded", "failed", "ready",
                                             "terminating"};
  const field_path path("status");
  const json& status = value_of(job, "status");
  validate_counters(status, path, counters, out);
  validate_uids(value_of(status, "uncountedTerminatedPods"), path.child("uncountedTerminatedPods"),
                out);
  status_check(old, job, out).run();
}

}  // namespace troupe::model
