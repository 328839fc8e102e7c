#pragma once

#include "model/event.hpp"

#include <string>
#include <utility>

namespace troupe::model {

/// What a controller tells people about its object: an Event without the rest.
struct remark {
  std::string reason;  ///< SuccessfulCreate
  std::string message;
  bool warning = false;

  event_note about(object_reference object) const {
    return {std::move(object), warning ? "Warning" : "Normal", reason, message, {}, {}};
  }
};

}  // namespace troupe::model
