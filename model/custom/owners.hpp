#pragma once

#include "model/custom/kinds.hpp"
#include "model/owners.hpp"

namespace troupe::model {

// Owners that may be of custom kinds.

object_key owner_key(const owner_reference& owner, const object_key& dependent,
                     const custom_kinds& custom);
collection decide_collection(const json& object, const object_key& key, bool owns,
                             const object_lookup& lookup, const custom_kinds& custom);

}  // namespace troupe::model
