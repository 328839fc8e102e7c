#pragma once

#include "model/endpoints/pod.hpp"

#include <optional>
#include <vector>

namespace troupe::model {

/// The Endpoints that a service with a selector should have, as the endpoints controller writes
/// it: made from `current` (null: there is none yet). Nothing when `current` is right.
/// `triggered` is the time of the change that is carried out.
std::optional<json> reconcile_endpoints(const json& service,
                                        const std::vector<const endpoint_pod*>& pods,
                                        const json& current, std::optional<time_point> triggered);

}  // namespace troupe::model
