#pragma once

#include "messages/object_ref.hpp"
#include "messages/type_ids.hpp"

#include <caf/atom.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// Asks an actor to end in order: finish what it owes, then quit.
using stop_atom = caf::atom_constant<caf::atom("stop")>;
/// What an actor sends itself when a timer fires.
using tick_atom = caf::atom_constant<caf::atom("tick")>;
/// What a cache subscription sends its actor: read your cursor.
using changed_atom = caf::atom_constant<caf::atom("changed")>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_common, troupe::ids::common)
CAF_ADD_TYPE_ID(troupe_common, (troupe::object_ref))
CAF_ADD_TYPE_ID(troupe_common, (troupe::blob_ref))
CAF_ADD_TYPE_ID(troupe_common, (std::vector<troupe::object_ref>))
CAF_ADD_TYPE_ID(troupe_common, (std::vector<std::string>))
CAF_ADD_TYPE_ID(troupe_common, (std::vector<uint64_t>))
CAF_END_TYPE_ID_BLOCK(troupe_common)
