#pragma once

#include <string>

namespace troupe::model {

/// What a controller tells people about its object: an Event without the rest.
struct remark {
  std::string reason;  ///< SuccessfulCreate
  std::string message;
  bool warning = false;
};

}  // namespace troupe::model
