#include "model/flow_control/dangling.hpp"

#include <algorithm>

namespace troupe::model {

bool set_dangling(json& schema, bool level_exists, time_point now) {
  const std::string level = string_at(schema, {"spec", "priorityLevelConfiguration", "name"});
  const std::string status = level_exists ? "False" : "True";
  const std::string reason = level_exists ? "Found" : "NotFound";
  std::string message = "This FlowSchema references the PriorityLevelConfiguration object named ";
  message += json(level).dump();
  message += level_exists ? " and it exists" : " but there is no such object";
  json& conditions = schema["status"]["conditions"];
  if (!conditions.is_array()) conditions = json::array();
  auto found = std::find_if(conditions.begin(), conditions.end(),
                            [](const json& c) { return string_at(c, {"type"}) == "Dangling"; });
  if (found == conditions.end()) {
    conditions.push_back({{"type", "Dangling"}});
    found = std::prev(conditions.end());
  }
  json& c = *found;
  const bool turned = string_at(c, {"status"}) != status;
  if (!turned && string_at(c, {"reason"}) == reason && string_at(c, {"message"}) == message)
    return false;
  if (turned) c["lastTransitionTime"] = to_rfc3339(now);
  c["status"] = status;
  c["reason"] = reason;
  c["message"] = message;
  return true;
}

}  // namespace troupe::model
