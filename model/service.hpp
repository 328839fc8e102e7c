#pragma once

#include "model/json.hpp"

namespace troupe::model {

// What a Service's spec says about itself.

/// Without an address of its own: clusterIP None.
bool is_headless(const json& spec);
bool needs_cluster_ip(const json& spec);
bool needs_node_ports(const json& spec);
/// Traffic that comes through a node's port or an external address.
bool is_externally_accessible(const json& spec);
/// Whether load balancers ask each node if it has a pod of this service.
bool needs_health_check(const json& spec);

}  // namespace troupe::model
