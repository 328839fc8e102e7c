#pragma once

#include "actors/api/call.hpp"
#include "messages/node.hpp"

namespace troupe::api {

/// Which log on which node a request for pods/NAME/log means.
struct log_target {
  std::string node;  ///< empty: the pod is on none yet, so there is nothing to read
  log_request request;
};

std::variant<log_target, status> find_log(const call& c, const store::cache& objects);

}  // namespace troupe::api
