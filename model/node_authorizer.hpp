#pragma once

#include "model/authorizer.hpp"

#include <functional>

namespace troupe::model {

/// Whether a pod on the node refers to an object: resource ("secrets"), namespace, name.
using node_relation =
    std::function<bool(std::string_view resource, std::string_view ns, std::string_view name)>;

/// Kubernetes' Node authorizer: a node may do what the role system:node says, but of secrets,
/// configmaps, claims, volumes and service accounts only what its pods refer to, and of nodes and
/// leases only its own.
opinion authorize_node(std::string_view node, const request_info& what,
                       const node_relation& related);

}  // namespace troupe::model
