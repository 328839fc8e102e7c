#pragma once

#include "model/admission/cluster_view.hpp"
#include "model/status.hpp"

#include <optional>

namespace troupe::model {

// Kubernetes' LimitRanger admission, by the LimitRanges of the object's namespace.

/// Fills in the requests and limits that the containers of a new pod leave out.
void default_by_limit_ranges(json& pod, const std::vector<object_ptr>& ranges);

/// 403 for a pod or a PersistentVolumeClaim outside minimum, maximum or ratio.
std::optional<status> check_limit_ranges(const object_key& key, const json& object,
                                         const std::vector<object_ptr>& ranges);

}  // namespace troupe::model
