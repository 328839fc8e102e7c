#pragma once

#include "model/json.hpp"
#include "model/scheduling/node_admission.hpp"

#include <optional>

namespace troupe::model::kubelet {

/// Why a kubelet, which runs on Linux, does not run a pod that says it is for another system.
std::optional<node_objection> foreign_system(const json& pod);

}  // namespace troupe::model::kubelet
