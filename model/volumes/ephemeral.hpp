#pragma once

#include "model/json.hpp"

#include <vector>

namespace troupe::model {

/// The PersistentVolumeClaims of a pod's ephemeral volumes, "POD-VOLUME", which the pod owns.
std::vector<json> ephemeral_claims(const json& pod);

}  // namespace troupe::model
