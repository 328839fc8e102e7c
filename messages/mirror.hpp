#pragma once

#include "messages/stream.hpp"

#include <caf/meta/type_name.hpp>

namespace troupe {

// A copy of some resources of the store's cache in another process. The source sends parts against
// credit, one a part: first a snapshot, then changes. Who is too slow for the source's window of
// events gets another snapshot.

enum class mirror_stage : uint8_t {
  snapshot,        ///< part of a snapshot; more follow
  snapshot_first,  ///< the first of several: what was collected of an earlier one is void
  snapshot_last,   ///< the snapshot is complete
  snapshot_whole,  ///< first and last
  changes          ///< in the order of versions; none when only the version moved on
};

/// At most 256 KiB of objects, or one larger object.
struct mirror_part {
  mirror_stage stage = mirror_stage::changes;
  uint64_t source = 0;   ///< names the source: versions of one source can be resumed from there
  uint64_t version = 0;  ///< with this part the mirror is at this version (of a snapshot: the last)
  std::vector<object_ref> objects;
  std::vector<uint8_t> kinds;  ///< of changes: store::event::kind of each object
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, mirror_part& x) {
  return f(caf::meta::type_name("troupe.mirror_part"), x.stage, x.source, x.version, x.objects,
           x.kinds);
}

/// Where a mirror starts. From another source than it had it gets a snapshot.
struct mirror_wish {
  std::vector<std::string> resources;  ///< at least one
  uint64_t source = 0;                 ///< the source that the mirror followed; 0: none
  uint64_t version = 0;                ///< where it is
  uint32_t credit = 8;                 ///< parts that it takes at once
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, mirror_wish& x) {
  return f(caf::meta::type_name("troupe.mirror_wish"), x.resources, x.source, x.version, x.credit);
}

using mirror_atom = caf::atom_constant<caf::atom("mirror")>;
using subscribe_atom = caf::atom_constant<caf::atom("subscribe")>;

/// Receives.
using mirror_sink = caf::typed_actor<caf::reacts_to<mirror_atom, uint64_t, mirror_part>>;

/// Sends. Beside the store. Forgets a sink that is down.
using mirror_source = caf::typed_actor<
    /// The sink chooses the id (a random number); a known id starts over.
    caf::reacts_to<subscribe_atom, uint64_t, mirror_wish, mirror_sink>,
    caf::reacts_to<credit_atom, uint64_t, uint32_t>, caf::reacts_to<cancel_atom, uint64_t>>;

/// Fills the cache of its process.
using mirror_actor = mirror_sink::extend<
    /// Follow this source from here on; what was followed before is left.
    caf::reacts_to<subscribe_atom, mirror_source>>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_mirror, troupe::ids::mirror)
CAF_ADD_TYPE_ID(troupe_mirror, (troupe::mirror_stage))
CAF_ADD_TYPE_ID(troupe_mirror, (troupe::mirror_part))
CAF_ADD_TYPE_ID(troupe_mirror, (troupe::mirror_wish))
CAF_ADD_TYPE_ID(troupe_mirror, (std::vector<uint8_t>))
CAF_ADD_TYPE_ID(troupe_mirror, (troupe::mirror_sink))
CAF_ADD_TYPE_ID(troupe_mirror, (troupe::mirror_source))
CAF_END_TYPE_ID_BLOCK(troupe_mirror)
