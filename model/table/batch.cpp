// Tables of jobs.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

json job_status(const json& o) {
  const auto is = [&](const char* type) { return condition_status(o, type) == "True"; };
  if (is("Complete")) return "Complete";
  if (is("Failed")) return "Failed";
  if (at(o, {"metadata", "deletionTimestamp"}).is_string()) return "Terminating";
  if (is("Suspended")) return "Suspended";
  if (is("FailureTarget")) return "FailureTarget";
  return "Running";
}

// "1/3"; "0/1 of 5" when any of several pods is enough.
json completions(const json& o) {
  const std::string done = std::to_string(number_at(o, "status.succeeded"));
  if (const json& wanted = at(o, {"spec", "completions"}); wanted.is_number_integer())
    return done + "/" + wanted.dump();
  const auto parallelism = number_at(o, "spec.parallelism");
  return done + (parallelism > 1 ? "/1 of " + std::to_string(parallelism) : "/1");
}

json duration(const json& o, time_point now) {
  const auto start = from_rfc3339(string_at(o, {"status", "startTime"}));
  if (!start) return "";
  const auto end = from_rfc3339(string_at(o, {"status", "completionTime"}));
  return human_duration(
      std::chrono::duration_cast<std::chrono::seconds>(end.value_or(now) - *start));
}

json suspended(const json& o) {
  const json& suspend = at(o, {"spec", "suspend"});
  return suspend.is_boolean() ? suspend == true ? "True" : "False" : "<unset>";
}

json last_schedule(const json& o, time_point now) {
  const json& time = at(o, {"status", "lastScheduleTime"});
  return time.is_string() ? since(time, now) : "<none>";
}

}  // namespace

std::span<const printer> batch_printers() {
  static const printer all[] = {
      {"jobs.batch",
       {name_column(),
        made_column("Status", "How far it is", job_status),
        made_column("Completions", "Pods that succeeded, of those wanted", completions),
        {{"Duration", "string", "", "How long it ran"}, duration},
        age_column(),
        container_names_column("spec.template"),
        container_images_column("spec.template"),
        selector_column("spec.selector")}},
      {"cronjobs.batch",
       {name_column(),
        text_column("Schedule", "When it makes a job", "spec.schedule"),
        text_column("Timezone", "The zone of its schedule", "spec.timeZone", "<none>"),
        made_column("Suspend", "Whether it makes no more jobs", suspended, "boolean"),
        count_column("Active", "Jobs of it that run", "status.active"),
        {{"Last Schedule", "string", "", "Time since it made a job"}, last_schedule},
        age_column(),
        container_names_column("spec.jobTemplate.spec.template"),
        container_images_column("spec.jobTemplate.spec.template"),
        selector_column("spec.jobTemplate.spec.selector")}}};
  return all;
}

}  // namespace troupe::model
