#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"
#include "model/time.hpp"

#include <string>
#include <vector>

namespace troupe::model {

/// What `kubectl describe` shows besides the object itself.
struct described {
  const json& object;
  const std::vector<json>* events;  ///< about the object, in any order; null: not shown
  time_point now;
};

// Each returns the finished text, as kubectl 1.32 prints it.

std::string describe_pod(const described& d);
/// `pods` are the node's pods that have not ended; `lease` may be null.
std::string describe_node(const described& d, const std::vector<json>& pods, const json& lease);
std::string describe_namespace(const described& d);
std::string describe_config_map(const described& d);
std::string describe_secret(const described& d);
/// Any other kind: all fields, indented.
std::string describe_generic(const described& d);

/// "2m (x5 over 10m)" or "10s": the age column of an event.
std::string event_interval(const json& event, time_point now);

}  // namespace troupe::model
