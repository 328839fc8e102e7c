#pragma once

#include "actors/kubelet/context.hpp"
#include "messages/node.hpp"
#include "model/scheduling/node_admission.hpp"

namespace troupe {

using refresh_atom = caf::atom_constant<caf::atom("refresh")>;
using gone_atom = caf::atom_constant<caf::atom("gone")>;
using evict_atom = caf::atom_constant<caf::atom("evict")>;

/// Leads one pod's life on this node.
using pod_worker_actor = caf::typed_actor<
    caf::reacts_to<assign_atom, object_ref>,
    /// The object left the store: end the containers, report nothing.
    caf::reacts_to<unassign_atom>,
    /// The runtime changed something of this pod.
    caf::reacts_to<refresh_atom>,
    /// The node lacks something (message), and the containers have so many seconds to end.
    caf::reacts_to<evict_atom, std::string, uint64_t>,
    caf::replies_to<logs_atom, log_request, uint64_t, stream_sink>::with<stream_source>,
    caf::replies_to<tunnel_atom, tunnel_request, uint64_t, tunnel_actor>::with<tunnel_actor>,
    caf::reacts_to<tick_atom, uint64_t>, caf::reacts_to<task>>;

/// Told by a worker when nothing is left of its pod, with the pod's uid.
using pod_owner_actor = caf::typed_actor<caf::reacts_to<gone_atom, std::string>>;

using objection_ptr = std::shared_ptr<const model::node_objection>;

/// `pod` may have no more than a name, a namespace and a uid: of containers whose pod nobody knows.
/// With an `objection` it is not run: it has failed.
pod_worker_actor spawn_pod_worker(caf::actor_system& system, context_ptr context,
                                  pod_owner_actor owner, model::object_ptr pod,
                                  objection_ptr objection = nullptr);

}  // namespace troupe
