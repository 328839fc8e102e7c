#include "model/flow_control/dangling.hpp"

#include "model/binding.hpp"

namespace troupe::model {

bool set_dangling(json& schema, bool level_exists, time_point now) {
  const std::string level = string_at(schema, {"spec", "priorityLevelConfiguration", "name"});
  std::string message = "This FlowSchema references the PriorityLevelConfiguration object named ";
  message += json(level).dump();
  message += level_exists ? " and it exists" : " but there is no such object";
  return change_condition(schema, "Dangling", level_exists ? "False" : "True", now,
                          level_exists ? "Found" : "NotFound", message);
}

}  // namespace troupe::model
