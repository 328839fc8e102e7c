#include "model/cron.hpp"
#include "model/go_text.hpp"
#include "model/time_zone.hpp"
#include "model/validation/job_spec.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/workload.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view zone_mark = "TZ";

/// A zone in the schedule is taken only where it has been all along.
void validate_schedule(const json& spec, bool may_have_zone, const field_path& path, faults& out) {
  const auto schedule = text_of(spec, "schedule");
  if (schedule.empty()) return;  // said by the shape
  if (const auto fault = cron_fault(schedule); !fault.empty()) out.invalid(path, schedule, fault);
  if (schedule.find(zone_mark) == schedule.npos) return;
  if (!may_have_zone)
    out.invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  else if (!value_of(spec, "timeZone").is_null())
    out.invalid(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
}

bool is_zone_part(std::string_view part) {
  constexpr std::size_t longest = 14;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '+';
  };
  return !part.empty() && part.size() <= longest && part != "." && part != ".." &&
         part.front() != '-' && std::ranges::all_of(part, allowed);
}

bool is_local(std::string_view zone) {
  constexpr std::string_view local = "local";
  return std::ranges::equal(zone, local, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

void validate_time_zone(const json& zone, const field_path& path, faults& out) {
  if (zone.is_null()) return;
  const auto name = as_text(zone);
  if (name.empty()) return out.invalid(path, zone, "timeZone must be nil or non-empty string");
  const std::string unknown = "unknown time zone " + std::string(name);
  for (auto rest = name;;) {
    const auto end = std::min(rest.find('/'), rest.size());
    if (!is_zone_part(rest.substr(0, end))) return out.invalid(path, zone, unknown);
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  if (is_local(name))
    out.invalid(path, zone,
                "timeZone must be an explicit time zone as defined in "
                "https://www.iana.org/time-zones");
  if (name != "Local" && !is_time_zone(name)) out.invalid(path, zone, unknown);
}

void validate_spec(const json& spec, const json& old_spec, faults& out) {
  static constexpr const char* counters[] = {
      "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"};
  const field_path path("spec");
  const bool had_zone = text_of(old_spec, "schedule").find(zone_mark) != std::string_view::npos;
  validate_schedule(spec, had_zone, path.child("schedule"), out);
  validate_counters(spec, path, counters, out);
  if (old_spec.is_null() || value_of(old_spec, "timeZone") != value_of(spec, "timeZone"))
    validate_time_zone(value_of(spec, "timeZone"), path.child("timeZone"), out);
  if (const auto policy = text_of(spec, "concurrencyPolicy");
      policy != "Allow" && policy != "Forbid" && policy != "Replace")
    out.not_supported(path.child("concurrencyPolicy"), policy, {"Allow", "Forbid", "Replace"});
  const field_path template_path = path.child("jobTemplate");
  const field_path job_path = template_path.child("spec");
  const json& job = value_of(value_of(spec, "jobTemplate"), "spec");
  validate_job_spec(job, job_path, out);
  if (const json& selector = value_of(job, "selector"); selector.is_object())
    out.invalid(job_path.child("selector"), go_label_selector(selector),
                "`selector` will be auto-generated");
  if (value_of(job, "manualSelector") == true)
    out.not_supported(job_path.child("manualSelector"), "true", {"nil", "false"});
}

}  // namespace

void validate_cron_job(const json& job, faults& out) {
  // The jobs' names have eleven characters more, and at most 63.
  constexpr std::size_t longest = 52;
  validate_spec(value_of(job, "spec"), nullptr, out);
  const auto name = text_of(value_of(job, "metadata"), "name");
  const field_path path("metadata");
  if (name.size() > longest)
    out.invalid(path.child("name"), name, "must be no more than 52 characters");
}

void validate_cron_job_update(const json& old, const json& job, faults& out) {
  validate_spec(value_of(job, "spec"), value_of(old, "spec"), out);
}

}  // namespace troupe::model
