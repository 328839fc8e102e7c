#pragma once

#include "messages/mirror.hpp"
#include "messages/scheduling.hpp"
#include "messages/store.hpp"

namespace troupe {

using directory_atom = caf::atom_constant<caf::atom("directory")>;

/// What the control plane's own processes speak with each other; another number is refused.
inline constexpr uint32_t peer_protocol = 2;

/// The one published actor of the peer door: hands out what a scheduler process works with. Who
/// runs which queue is the registry's to tell.
using directory_actor = caf::typed_actor<
    /// (protocol): the store, the registry and the source of mirrors. 400 for another protocol.
    caf::replies_to<directory_atom, uint32_t>::with<store_actor, scheduling_registry_actor,
                                                    mirror_source>>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_peers, troupe::ids::peers)
CAF_ADD_TYPE_ID(troupe_peers, (troupe::directory_actor))
CAF_END_TYPE_ID_BLOCK(troupe_peers)
