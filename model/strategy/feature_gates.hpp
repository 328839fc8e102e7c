#pragma once

#include "model/json.hpp"

namespace troupe::model {

/// Takes out of a pod's spec what belongs to features that are off in Kubernetes 1.32, unless the
/// old spec (null on create) uses them already.
void drop_disabled_fields(json& pod_spec, const json& old_spec);

}  // namespace troupe::model
