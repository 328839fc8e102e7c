#include "model/strategy/cluster_kinds.hpp"

namespace troupe::model {
namespace {

bool is_decision(const json& condition) {
  const std::string type = string_at(condition, {"type"});
  return type == "Approved" || type == "Denied";
}

void put(json& object, const char* name, const json& value) {
  if (value.is_null())
    object.erase(name);
  else
    object[name] = value;
}

/// The times that a condition does not give itself.
void complete_times(const json& old, json& csr, time_point now) {
  const auto status = csr.find("status");
  if (status == csr.end() || !status->is_object() || !at(*status, {"conditions"}).is_array())
    return;
  for (json& condition : (*status)["conditions"]) {
    if (!condition.is_object()) continue;
    if (at(condition, {"lastUpdateTime"}).is_null()) condition["lastUpdateTime"] = to_rfc3339(now);
    json& since = condition["lastTransitionTime"];
    if (!since.is_null()) continue;
    since = to_rfc3339(now);
    for (const json& before : at(old, {"status", "conditions"}))
      if (at(before, {"type"}) == condition["type"] &&
          at(before, {"status"}) == at(condition, {"status"}) &&
          !at(before, {"lastTransitionTime"}).is_null())
        since = before["lastTransitionTime"];
  }
}

}  // namespace

void prepare_csr_update(const json& old, json& csr) {
  put(csr, "spec", at(old, {"spec"}));
  put(csr, "status", at(old, {"status"}));
}

void prepare_csr_status(const json& old, json& csr, time_point now) {
  json kept = json::array();
  for (const json& condition : at(old, {"status", "conditions"}))
    if (is_decision(condition)) kept.push_back(condition);
  json& status = csr["status"];
  if (!status.is_object()) status = json::object();
  for (const json& condition : at(status, {"conditions"}))
    if (!is_decision(condition)) kept.push_back(condition);
  put(status, "conditions", kept.empty() ? json() : kept);
  complete_times(old, csr, now);
}

void prepare_csr_approval(const json& old, json& csr, time_point now) {
  json status = at(old, {"status"});
  if (!status.is_object()) status = json::object();
  put(status, "conditions", at(csr, {"status", "conditions"}));
  put(csr, "spec", at(old, {"spec"}));
  csr["status"] = std::move(status);
  complete_times(old, csr, now);
}

}  // namespace troupe::model
