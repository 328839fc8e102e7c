#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <string>

namespace troupe::model {

/// What kubectl says of an event. Ages are "<unknown>" when the event has no time.
struct event_summary {
  std::string first_seen;
  std::string last_seen;
  std::string object;  ///< "pod/web"
  std::string source;  ///< "kubelet, node1"
  std::string message;
  std::int64_t count = 1;
};

event_summary summarize_event(const json& event, time_point now);

}  // namespace troupe::model
