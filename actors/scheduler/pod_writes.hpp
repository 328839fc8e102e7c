#pragma once

#include "messages/store.hpp"
#include "model/event.hpp"
#include "model/object.hpp"
#include "model/time.hpp"

#include <optional>
#include <string>

namespace troupe::scheduler {

/// The event FailedScheduling of a pod; `component`: its scheduler's name.
model::event_note failure_of(const model::object& pod, std::string why, std::string component,
                             std::string instance);

// What schedulers write about pods beside bindings; each on the condition that the pod is as given.

/// Another state of a stored object.
write update_of(const model::object& stored, const model::json& document);

/// The condition PodScheduled=False with this reason, and status.nominatedNodeName if
/// `promised` has a value (an empty one takes it back). Nothing when the pod says so already.
std::optional<write> unschedulable_write(const model::object& pod, const std::string& message,
                                         const std::optional<std::string>& promised,
                                         model::time_point now,
                                         const char* reason = "Unschedulable");

/// Takes status.nominatedNodeName back.
write denominating_write(const model::object& pod);

/// The condition DisruptionTarget, and the pod's graceful end. `scheduler`: the name of the
/// preemptor's scheduler.
write preempting_write(const model::object& pod, const std::string& scheduler,
                       model::time_point now);

}  // namespace troupe::scheduler
