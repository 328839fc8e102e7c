#include "model/workload/deployment_status.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* progressing = "Progressing";
constexpr const char* failure = "ReplicaFailure";
constexpr const char* available_reason = "NewReplicaSetAvailable";
constexpr const char* timed_out_reason = "ProgressDeadlineExceeded";

std::int64_t count_at(const json& status, const char* name) {
  const json& found = at(status, {name});
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

// Counts that Go leaves out when they are 0.
void put_count(json& status, const char* name, std::int64_t count) {
  if (count == 0)
    status.erase(name);
  else
    status[name] = count;
}

const json& condition_in(const json& status, std::string_view type) {
  static const json none;
  for (const json& c : at(status, {"conditions"}))
    if (string_at(c, {"type"}) == type) return c;
  return none;
}

void remove_condition(json& status, std::string_view type) {
  const auto conditions = status.find("conditions");
  if (conditions == status.end() || !conditions->is_array()) return;
  std::erase_if(conditions->get_ref<json::array_t&>(),
                [&](const json& c) { return string_at(c, {"type"}) == type; });
  if (conditions->empty()) status.erase("conditions");
}

// kube's SetDeploymentCondition: nothing of the same status and reason is written again, and a
// change of status alone moves lastTransitionTime.
void set_condition(json& status, json condition) {
  const std::string type = condition["type"];
  const json current = condition_in(status, type);
  if (!current.is_null()) {
    const bool same = current["status"] == condition["status"];
    if (same && at(current, {"reason"}) == condition["reason"]) return;
    if (same && current.contains("lastTransitionTime"))
      condition["lastTransitionTime"] = current["lastTransitionTime"];
  }
  remove_condition(status, type);
  status["conditions"].push_back(std::move(condition));
}

json condition_of(std::string_view type, std::string_view value, std::string_view reason,
                  const std::string& message, time_point now) {
  const std::string time = to_rfc3339(now);
  return {{"type", type},       {"status", value},        {"reason", reason},
          {"message", message}, {"lastUpdateTime", time}, {"lastTransitionTime", time}};
}

// Whether the rollout has come further than the status of before says.
bool has_progressed(const json& before, const json& now) {
  const auto old_ones = [](const json& s) {
    return count_at(s, "replicas") - count_at(s, "updatedReplicas");
  };
  const auto more = [&](const char* name) { return count_at(now, name) > count_at(before, name); };
  return more("updatedReplicas") || old_ones(now) < old_ones(before) || more("readyReplicas") ||
         more("availableReplicas");
}

bool timed_out(const deployment_view& d, const json& status, time_point now) {
  const json& condition = condition_in(status, progressing);
  if (at(condition, {"reason"}) == timed_out_reason) return true;
  const auto deadline = deadline_of(d, status);
  return deadline && *deadline <= now;
}

void tell_progress(const deployment_view& d, const json& before, json& status,
                   const rollout_set* fresh, time_point now) {
  const json current = condition_in(before, progressing);
  if (at(current, {"reason"}) == available_reason &&
      count_at(status, "replicas") == count_at(status, "updatedReplicas"))
    return;  // the rollout has ended before
  const std::string subject = fresh ? "ReplicaSet \"" + fresh->name : "Deployment \"" + d.name;
  const auto tell = [&](std::string_view value, std::string_view reason, const char* what) {
    return condition_of(progressing, value, reason, subject + "\" " + what, now);
  };
  if (is_complete(d, status))
    return set_condition(status, tell("True", available_reason, "has successfully progressed."));
  if (has_progressed(before, status)) {
    json condition = tell("True", "ReplicaSetUpdated", "is progressing.");
    // Written again for the time of the progress alone.
    if (at(current, {"status"}) == "True")
      condition["lastTransitionTime"] = at(current, {"lastTransitionTime"});
    remove_condition(status, progressing);
    return set_condition(status, std::move(condition));
  }
  if (timed_out(d, status, now))
    set_condition(status, tell("False", timed_out_reason, "has timed out progressing."));
}

// The failure of a ReplicaSet, the new one's rather than an old one's.
void tell_failure(json& status, const rollout_set* fresh, const rollout_sets& old) {
  json failed = fresh ? fresh->failure : json();
  for (const auto& s : old)
    if (failed.is_null()) failed = s.failure;
  if (failed.is_null()) return remove_condition(status, failure);
  failed["lastUpdateTime"] = at(failed, {"lastTransitionTime"});
  set_condition(status, std::move(failed));
}

}  // namespace

void set_progressing(const deployment_view& d, json& status, std::string_view value,
                     std::string_view reason, const std::string& message, time_point now) {
  if (d.progress_deadline)
    set_condition(status, condition_of(progressing, value, reason, message, now));
}

bool set_paused(const deployment_view& d, json& status, time_point now) {
  const json& reason = at(condition_in(status, progressing), {"reason"});
  if (!d.progress_deadline || reason == timed_out_reason) return false;
  const bool told = reason == "DeploymentPaused";
  if (d.paused == told) return false;
  if (d.paused)
    set_progressing(d, status, "Unknown", "DeploymentPaused", "Deployment is paused", now);
  else
    set_progressing(d, status, "Unknown", "DeploymentResumed", "Deployment is resumed", now);
  return true;
}

json counted_status(const deployment_view& d, const json& before, const rollout_set* fresh,
                    const rollout_sets& old, time_point now) {
  std::int64_t wanted = wanted_replicas(old) + (fresh ? fresh->replicas : 0);
  std::int64_t actual = fresh ? fresh->actual : 0;
  std::int64_t ready = fresh ? fresh->ready : 0;
  std::int64_t available = fresh ? fresh->available : 0;
  for (const auto& s : old) {
    actual += s.actual;
    ready += s.ready;
    available += s.available;
  }
  json status = before;
  status["observedGeneration"] = d.generation;
  put_count(status, "replicas", actual);
  put_count(status, "updatedReplicas", fresh ? fresh->actual : 0);
  put_count(status, "readyReplicas", ready);
  put_count(status, "availableReplicas", available);
  put_count(status, "unavailableReplicas", std::max<std::int64_t>(0, wanted - available));
  const bool enough = available >= d.replicas - d.max_unavailable;
  set_condition(status, enough
                            ? condition_of("Available", "True", "MinimumReplicasAvailable",
                                           "Deployment has minimum availability.", now)
                            : condition_of("Available", "False", "MinimumReplicasUnavailable",
                                           "Deployment does not have minimum availability.", now));
  return status;
}

json rollout_status(const deployment_view& d, const json& before, const rollout_set* fresh,
                    const rollout_sets& old, time_point now) {
  json status = counted_status(d, before, fresh, old, now);
  if (d.progress_deadline)
    tell_progress(d, before, status, fresh, now);
  else
    remove_condition(status, progressing);
  tell_failure(status, fresh, old);
  return status;
}

bool is_complete(const deployment_view& d, const json& status) {
  const auto all = [&](const char* name) { return count_at(status, name) == d.replicas; };
  return all("updatedReplicas") && all("replicas") && all("availableReplicas") &&
         count_at(status, "observedGeneration") >= d.generation;
}

std::optional<time_point> deadline_of(const deployment_view& d, const json& status) {
  const json& condition = condition_in(status, progressing);
  const json& reason = at(condition, {"reason"});
  if (!d.progress_deadline || reason == timed_out_reason || reason == available_reason ||
      is_complete(d, status))
    return std::nullopt;
  const auto since = from_rfc3339(string_at(condition, {"lastUpdateTime"}));
  if (!since) return std::nullopt;
  return *since + *d.progress_deadline;
}

}  // namespace troupe::model
