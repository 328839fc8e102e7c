#pragma once

#include "actors/controllers/controller.hpp"

#include <optional>

namespace troupe {

/// How the control plane ends a pod that nobody asked it to delete.
struct pod_ending {
  std::string reason;                 ///< of the condition DisruptionTarget; empty: it gets none
  std::string message;                ///< of the condition
  bool failed = false;                ///< the phase becomes Failed, for no kubelet will set it
  std::optional<std::int64_t> grace;  ///< seconds of the deletion; none: as the pod says
};

/// Says in the pod's status why it goes, then deletes it. One that has ended is only deleted; one
/// that is gone is no failure.
void end_pod(const model::object& pod, const pod_ending& how, controller_host& host,
             std::function<void(outcome)> done);

}  // namespace troupe
