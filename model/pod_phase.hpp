#pragma once

#include "model/object.hpp"

namespace troupe::model {

/// Whether a pod has run to its end (phase Succeeded or Failed), so that it takes no room and gets
/// no traffic. Read from the header: a change of status does not cost a parse.
inline bool has_ended(const object& pod) {
  const auto* phase = find(pod.header().fields, "status.phase");
  return phase && (*phase == "Succeeded" || *phase == "Failed");
}

}  // namespace troupe::model
