#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t longest_part = 128;
constexpr std::size_t longest_note = 1024;

/// The same object in either group: what the members are called there. Faults name core/v1's.
struct event_fields {
  const char* about;
  const char* note;
  const char* source;
  const char* first;
  const char* last;
  const char* count;
  const char* reporter;
};
constexpr event_fields of_core = {"involvedObject",    "message",       "source",
                                  "firstTimestamp",    "lastTimestamp", "count",
                                  "reportingComponent"};
constexpr event_fields of_events = {"regarding",
                                    "note",
                                    "deprecatedSource",
                                    "deprecatedFirstTimestamp",
                                    "deprecatedLastTimestamp",
                                    "deprecatedCount",
                                    "reportingController"};

bool is_core(const json& event) {
  const auto version = text_of(event, "apiVersion");
  return version.empty() ? event.contains("involvedObject") : version == "v1";
}

void validate_length(const json& event, const char* member, const char* shown, std::size_t most,
                     faults& out) {
  if (text_of(event, member).size() > most)
    out.invalid(field_path(shown), "", "can have at most " + std::to_string(most) + " characters");
}

void validate_named(const json& event, const char* name, faults& out) {
  if (text_of(event, name).empty()) out.required(field_path(name));
  validate_length(event, name, name, longest_part, out);
}

/// What holds for every event, whichever group it is written through.
void validate_any_event(const json& event, const event_fields& fields, faults& out) {
  const std::string ns = string_at(event, {"metadata", "namespace"});
  const auto about = text_of(value_of(event, fields.about), "namespace");
  const bool of_old = value_of(event, "eventTime").is_null();
  const bool matches = of_old ? (about.empty() ? ns.empty() || ns == "default" : about == ns)
                              : !about.empty() || ns == "default" || ns == "kube-system";
  const field_path involved("involvedObject");
  if (!matches) out.invalid(involved.child("namespace"), about, "does not match event.namespace");
  if (!of_old) {
    const auto reporter = text_of(event, fields.reporter);
    if (reporter.empty()) out.required(field_path(fields.reporter));
    out.check(field_path(fields.reporter), reporter, qualified_name_fault(reporter));
    for (const char* name : {"reportingInstance", "action", "reason"})
      validate_named(event, name, out);
    validate_length(event, fields.note, "message", longest_note, out);
  }
  out.check(field_path("namespace"), ns, dns_subdomain_fault(ns));
}

void validate_series(const json& event, faults& out) {
  const json& series = value_of(event, "series");
  if (series.is_null()) return;
  if (integer_of(series, "count") < 2)
    out.invalid(field_path("series.count"), "", "should be at least 2");
  if (value_of(series, "lastObservedTime").is_null())
    out.required(field_path("series.lastObservedTime"));
}

/// What events.k8s.io/v1 asks for besides.
void validate_new_event(const json& event, faults& out) {
  constexpr std::string_view unset = "needs to be unset";
  validate_series(event, out);
  if (value_of(event, "eventTime").is_null()) out.required(field_path("eventTime"));
  const auto type = text_of(event, "type");
  if (type != "Normal" && type != "Warning")
    out.invalid(field_path("type"), "", "has invalid value: " + std::string(type));
  if (!value_of(event, of_events.first).is_null())
    out.invalid(field_path("firstTimestamp"), "", unset);
  if (!value_of(event, of_events.last).is_null())
    out.invalid(field_path("lastTimestamp"), "", unset);
  if (integer_of(event, of_events.count) != 0) out.invalid(field_path("count"), "", unset);
  const json& source = value_of(event, of_events.source);
  if (!text_of(source, "component").empty() || !text_of(source, "host").empty())
    out.invalid(field_path("source"), "", unset);
}

}  // namespace

void validate_event(const json& event, faults& out) {
  const bool core = is_core(event);
  validate_any_event(event, core ? of_core : of_events, out);
  if (!core) validate_new_event(event, out);
}

void validate_event_update(const json& old, const json& event, faults& out) {
  const bool core = is_core(event);
  validate_any_event(event, core ? of_core : of_events, out);
  if (core) return;
  if (value_of(old, "series") != value_of(event, "series")) validate_series(event, out);
  constexpr std::pair<const char*, const char*> kept[] = {
      {of_events.about, "involvedObject"},
      {"reason", "reason"},
      {of_events.note, "message"},
      {of_events.source, "source"},
      {of_events.first, "firstTimestamp"},
      {of_events.last, "lastTimestamp"},
      {of_events.count, "count"},
      {"type", "type"},
      {"eventTime", "eventTime"},
      {"action", "action"},
      {"related", "related"},
      {of_events.reporter, of_events.reporter},
      {"reportingInstance", "reportingInstance"}};
  for (const auto& [member, shown] : kept)
    validate_immutable(value_of(old, member), value_of(event, member), field_path(shown), out);
}

}  // namespace troupe::model
