#include "model/workload/job_conditions.hpp"

namespace troupe::model {

const json& true_condition(const json& job, std::string_view type) {
  static const json none;
  for (const json& c : at(job, {"status", "conditions"}))
    if (string_at(c, {"type"}) == type && string_at(c, {"status"}) == "True") return c;
  return none;
}

std::string_view job_end(const json& job) {
  for (std::string_view type : {"Complete", "Failed"})
    if (!true_condition(job, type).is_null()) return type;
  return {};
}

std::optional<time_point> job_expiry(const json& job) {
  const json& ttl = at(job, {"spec", "ttlSecondsAfterFinished"});
  if (!ttl.is_number_integer() || at(job, {"metadata"}).contains("deletionTimestamp"))
    return std::nullopt;
  const auto end =
      from_rfc3339(string_at(true_condition(job, job_end(job)), {"lastTransitionTime"}));
  if (!end) return std::nullopt;
  return *end + std::chrono::seconds(ttl.get<std::int64_t>());
}

json job_condition(std::string_view type, bool status, std::string_view reason,
                   std::string_view message, time_point now) {
  const auto time = to_rfc3339(now);
  json out = {{"type", type},
              {"status", status ? "True" : "False"},
              {"lastProbeTime", time},
              {"lastTransitionTime", time}};
  if (!reason.empty()) out["reason"] = reason;
  if (!message.empty()) out["message"] = message;
  return out;
}

bool set_job_condition(json& status, const json& condition) {
  json& all = status["conditions"];
  for (json& c : all) {
    if (at(c, {"type"}) != at(condition, {"type"})) continue;
    bool same = true;
    for (const char* member : {"status", "reason", "message"})
      same = same && at(c, {member}) == at(condition, {member});
    if (!same) c = condition;
    return !same;
  }
  if (at(condition, {"status"}) == "False") {
    if (all.is_null()) status.erase("conditions");
    return false;
  }
  all.push_back(condition);
  return true;
}

}  // namespace troupe::model
