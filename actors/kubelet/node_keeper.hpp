#pragma once

#include "actors/kubelet/pod_worker.hpp"

namespace troupe {

/// Looks after what a node has: ends pods when something runs short, and removes images that
/// nobody uses.
using node_keeper_actor = caf::typed_actor<
    /// A pod is here, or another than it was; the second: its worker.
    caf::reacts_to<assign_atom, object_ref, caf::actor>,
    /// Nothing is left of the pod of this uid.
    caf::reacts_to<gone_atom, std::string>,
    /// Its own timers.
    caf::reacts_to<tick_atom, uint64_t>, caf::reacts_to<task>>;

/// `told` gets the node's conditions whenever they change; it may only post.
node_keeper_actor spawn_node_keeper(caf::actor_system& system, context_ptr context,
                                    std::function<void(model::kubelet::node_pressures)> told);

}  // namespace troupe
