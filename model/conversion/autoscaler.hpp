#pragma once

#include "model/json.hpp"

namespace troupe::model {

/// Rewrites a HorizontalPodAutoscaler between autoscaling/v1, which knows no measure but CPU, and
/// autoscaling/v2. What v1 has no field for travels in annotations, as in Kubernetes, so that
/// nothing is lost on the way there and back. Nothing but apiVersion is left to the caller.
void autoscaler_to_v1(json& document);
void autoscaler_to_v2(json& document);

}  // namespace troupe::model
