#pragma once

#include "cli/client/join.hpp"
#include "messages/api.hpp"
#include "net/tls/pki.hpp"
#include "store/cache.hpp"

#include <caf/actor_system.hpp>

namespace troupe::cli {

/// Makes what every cluster has: the namespaces default, kube-system, kube-public and
/// kube-node-lease, the default roles and bindings (what is missing of them, see
/// model/rbac/defaults.hpp), and kube-public/cluster-info with the CA and the doors. Returns when
/// the store has them. Throws role_error.
void create_cluster_objects(caf::actor_system& system, const api_actor& api,
                            const store::cache& objects, const std::string& ca,
                            const cluster_doors& doors);

}  // namespace troupe::cli
