#pragma once

#include "model/json.hpp"
#include "model/status.hpp"
#include "model/time.hpp"

#include <optional>
#include <string_view>

namespace troupe::model {

/// Sets or changes the condition `type` of status.conditions; lastTransitionTime moves only when
/// its status does. An empty reason or message is left out. Returns the condition.
json& set_condition(json& object, std::string_view type, std::string_view status, time_point now,
                    std::string_view reason = {}, std::string_view message = {});

/// The same for an object whose conditions nobody probes (others than pods and nodes). Whether
/// anything changed.
bool change_condition(json& object, std::string_view type, std::string_view status, time_point now,
                      std::string_view reason, std::string_view message);

/// Binds a pod to a node: spec.nodeName and the condition PodScheduled. The Status (409) when it is
/// bound already, being deleted or held by scheduling gates; the pod is then unchanged.
std::optional<status> bind(json& pod, std::string_view node, time_point now);

}  // namespace troupe::model
