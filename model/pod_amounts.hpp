#pragma once

#include "model/json.hpp"
#include "model/quantity.hpp"

#include <map>
#include <string>
#include <string_view>

namespace troupe::model {

/// Amounts by resource.
using resource_amounts = std::map<std::string, quantity>;

/// A ResourceList. What is no quantity is left out: the API has refused it.
resource_amounts amounts_of(const json& list);
/// The ResourceList.
json to_json(const resource_amounts& amounts);

/// What a pod asks for ("requests") or may take ("limits"): its containers and sidecars together,
/// or one init container with the sidecars that run by then if that is more; the overhead comes on
/// top (resourcehelper's PodRequests and PodLimits).
resource_amounts pod_amounts(const json& pod, std::string_view which);

}  // namespace troupe::model
