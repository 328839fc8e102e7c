#pragma once

#include "model/authorize.hpp"
#include "model/object.hpp"

#include <optional>
#include <string>

namespace troupe::model {

// NodeRestriction's labels: those below node-restriction.kubernetes.io keep pods to nodes that
// operators trust, so that no node may give them to itself; nor others of kubernetes.io and k8s.io
// than kubelets set, and the role `worker`, which Kubernetes leaves to operators.

/// Those that a Node has, "a, b".
std::string restricted_labels(const json& node);

/// 403 for a node that changes them in an update, or its taints.
std::optional<status> restrict_node_update(const subject& user, const object_key& key,
                                           const json& old, const json& wanted);

}  // namespace troupe::model
