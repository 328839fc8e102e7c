#include "model/workload/job_pod.hpp"

#include "model/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace troupe::model {
namespace {

std::optional<std::int64_t> count(std::string_view text) {
  constexpr std::int64_t most = 0x7fffffff;
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size() || value < 0 || value > most)
    return std::nullopt;
  return value;
}

/// The last end of containers, when all have ended (of init containers only the restartable ones
/// are asked: they end last).
std::optional<time_point> end_of_containers(const json& pod) {
  std::set<std::string> sidecars;
  for (const json& c : at(pod, {"spec", "initContainers"}))
    if (string_at(c, {"restartPolicy"}) == "Always") sidecars.insert(string_at(c, {"name"}));
  std::optional<time_point> last;
  for (const char* list : {"containerStatuses", "initContainerStatuses"})
    for (const json& c : at(pod, {"status", list})) {
      if (list[0] == 'i' && !sidecars.contains(string_at(c, {"name"}))) continue;
      const auto end = from_rfc3339(string_at(c, {"state", "terminated", "finishedAt"}));
      if (!end) return std::nullopt;
      last = std::max(last.value_or(*end), *end);
    }
  return last;
}

time_point end_of(const json& pod, time_point created) {
  if (const auto end = end_of_containers(pod)) return *end;
  for (const json& c : at(pod, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "Ready" && string_at(c, {"status"}) == "False")
      if (const auto since = from_rfc3339(string_at(c, {"lastTransitionTime"}))) return *since;
  if (const auto deletion = from_rfc3339(string_at(pod, {"metadata", "deletionTimestamp"}))) {
    const json& grace = at(pod, {"metadata", "deletionGracePeriodSeconds"});
    return *deletion -
           std::chrono::seconds(grace.is_number_integer() ? grace.get<std::int64_t>() : 0);
  }
  return created;
}

bool exit_code_matches(const json& rule, std::int64_t code) {
  const json& values = at(rule, {"values"});
  const bool listed = std::ranges::find(values, json(code)) != values.end();
  return string_at(rule, {"operator"}) == "In" ? listed : !listed;
}

/// The first container that ended with a code that the rule means; null.
const json& failed_container(const json& rule, const json& status) {
  static const json none;
  const json& wanted = at(rule, {"containerName"});
  for (const char* list : {"containerStatuses", "initContainerStatuses"})
    for (const json& c : at(status, {list})) {
      const json& code = at(c, {"state", "terminated", "exitCode"});
      if (!code.is_number_integer() || code == 0) continue;
      if (!wanted.is_null() && wanted != at(c, {"name"})) continue;
      if (exit_code_matches(rule, code.get<std::int64_t>())) return c;
    }
  return none;
}

const json& matching_condition(const json& patterns, const json& status) {
  static const json none;
  for (const json& c : at(status, {"conditions"}))
    for (const json& pattern : patterns)
      if (at(c, {"type"}) == at(pattern, {"type"}) && at(c, {"status"}) == at(pattern, {"status"}))
        return c;
  return none;
}

}  // namespace

bool tracked_by_job(const object& pod) {
  if (!pod.says(word::job_tracking)) return false;  // most pods
  bool tracked = false;
  const auto finalizers = member_text(pod.text_of(part::metadata), "finalizers");
  each_item(finalizers, 0, [&](std::string_view f) {
    tracked = tracked || unquoted(f) == job_tracking_finalizer;
  });
  return tracked;
}

job_pod::job_pod(const object& pod) : pod_facts(pod), tracked(tracked_by_job(pod)) {
  const std::string_view metadata = pod.text_of(part::metadata);
  if (const auto annotations = member_text(metadata, "annotations"); !annotations.empty()) {
    const auto value = [&](const char* name) {
      return count(unquoted(member_text(annotations, name)));
    };
    index = value(job_index_annotation);
    failures = value(job_failures_annotation).value_or(0);
    ignored_failures = value(job_ignored_failures_annotation).value_or(0);
  }
  const std::string_view status = pod.text_of(part::status);
  for (const char* list : {"containerStatuses", "initContainerStatuses"})
    if (const auto statuses = member_text(status, list); !statuses.empty())
      each_item(statuses, 0, [&](std::string_view c) {
        all_restarts += count(member_text(c, "restartCount")).value_or(0);
      });
  finished = created.value_or(time_point{});
  if (tracked && (ended() || deleting)) finished = end_of(pod.content(), finished);
}

pod_failure judge_pod_failure(const json& policy, const object& pod) {
  if (policy.is_null()) return {};
  const json document = pod.content();
  const json& status = at(document, {"status"});
  const std::string where = pod.key().ns + "/" + pod.key().name;
  std::size_t number = 0;
  for (const json& rule : at(policy, {"rules"})) {
    const auto action = string_at(rule, {"action"});
    const auto by_rule = " matching " + action + " rule at index " + std::to_string(number++);
    if (const json& codes = at(rule, {"onExitCodes"}); !codes.is_null()) {
      const json& c = failed_container(codes, status);
      if (!c.is_null())
        return {action, "Container " + string_at(c, {"name"}) + " for pod " + where +
                            " failed with exit code " +
                            c["state"]["terminated"]["exitCode"].dump() + by_rule};
    } else if (const json& c = matching_condition(at(rule, {"onPodConditions"}), status);
               !c.is_null()) {
      return {action, "Pod " + where + " has condition " + string_at(c, {"type"}) + by_rule};
    }
  }
  return {};
}

}  // namespace troupe::model
