#include "model/binding.hpp"

namespace troupe::model {
namespace {

json& condition_of(json& object, std::string_view type) {
  json& conditions = object["status"]["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  for (json& c : conditions)
    if (string_at(c, {"type"}) == type) return c;
  conditions.push_back({{"type", type}, {"lastProbeTime", nullptr}});
  return conditions.back();
}

void set_or_erase(json& object, const char* key, std::string_view value) {
  if (value.empty())
    object.erase(key);
  else
    object[key] = value;
}

}  // namespace

json& set_condition(json& object, std::string_view type, std::string_view status, time_point now,
                    std::string_view reason, std::string_view message) {
  json& c = condition_of(object, type);
  if (string_at(c, {"status"}) != status) c["lastTransitionTime"] = to_rfc3339(now);
  c["status"] = status;
  set_or_erase(c, "reason", reason);
  set_or_erase(c, "message", message);
  return c;
}

bool change_condition(json& object, std::string_view type, std::string_view status, time_point now,
                      std::string_view reason, std::string_view message) {
  const json before = at(object, {"status", "conditions"});
  set_condition(object, type, status, now, reason, message).erase("lastProbeTime");
  return at(object, {"status", "conditions"}) != before;
}

std::optional<status> bind(json& pod, std::string_view node, time_point now) {
  const std::string name = string_at(pod, {"metadata", "name"});
  auto refuse = [&](const std::string& why) {
    return conflict({"pods/binding", string_at(pod, {"metadata", "namespace"}), name}, why);
  };
  if (at(pod, {"metadata", "deletionTimestamp"}).is_string())
    return refuse("pod " + name + " is being deleted, cannot be assigned to a host");
  if (const std::string bound = string_at(pod, {"spec", "nodeName"}); !bound.empty())
    return refuse("pod " + name + " is already assigned to node \"" + bound + "\"");
  if (const json& gates = at(pod, {"spec", "schedulingGates"}); gates.is_array() && !gates.empty())
    return refuse("pod " + name + " has non-empty .spec.schedulingGates");
  pod["spec"]["nodeName"] = node;
  set_condition(pod, "PodScheduled", "True", now);
  return std::nullopt;
}

}  // namespace troupe::model
