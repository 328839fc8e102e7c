#pragma once

#include "model/scheduling/filters.hpp"

#include <optional>
#include <string>

namespace troupe::model {

/// Why a kubelet does not run a pod that it was given: reason and message of the pod's status.
struct node_objection {
  std::string reason, message;
  bool operator==(const node_objection&) const = default;
};

/// What kubelets ask of each pod before they run it (k8s.io/kubernetes/pkg/kubelet/lifecycle,
/// predicateAdmitHandler): room, the pod's affinity, ports, and that it tolerates taints that
/// evict. `others` is what the node's other pods take. Cordons and taints of effect NoSchedule are
/// for schedulers alone.
std::optional<node_objection> admission_objection(const pod_view& pod, const node_view& node,
                                                  const usage& others);

}  // namespace troupe::model
