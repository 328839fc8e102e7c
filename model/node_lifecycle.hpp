#pragma once

#include "model/node_view.hpp"
#include "model/time.hpp"

namespace troupe::model {

// kube-controller-manager's node lifecycle rules: what becomes of a Node whose kubelet is silent,
// and the taints that follow from conditions and cordon.

/// The conditions that a kubelet posts become Unknown ("Kubelet stopped posting node status."; of
/// one that never did, NodeStatusNeverUpdated). False when nothing changed.
bool mark_unknown(json& node, time_point now);

/// The taints that the node should have of those that the control plane keeps
/// (node.kubernetes.io/not-ready, unreachable, unschedulable, ...-pressure, network-unavailable).
std::vector<taint> lifecycle_taints(const node_view& node);

/// Whether spec.taints has just those of them.
bool has_lifecycle_taints(const node_view& node);

/// Makes it so; other taints stay.
void set_lifecycle_taints(json& node, time_point now);

}  // namespace troupe::model
