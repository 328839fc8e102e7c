#pragma once

#include "model/pod_view.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace troupe::model {

/// The taints of a node that pods have to leave for.
std::vector<taint> no_execute_taints(const node_view& node);

/// How long a pod stays on a node with these taints (NoExecute): 0 when it does not tolerate all of
/// them, the shortest tolerationSeconds of the tolerations that it needs, or nothing: for ever.
std::optional<std::chrono::seconds> eviction_delay(const std::vector<taint>& taints,
                                                   const std::vector<toleration>& tolerations);

}  // namespace troupe::model
