#pragma once

#include "model/custom/kinds.hpp"
#include "model/owners.hpp"

#include <map>
#include <string>

namespace troupe::model {

// Owners that may be of custom kinds.

object_key owner_key(const owner_reference& owner, const object_key& dependent,
                     const custom_kinds& custom);
/// What has been found out about owners whose kinds are not served here, by uid.
using known_owners = std::map<std::string, owner_state, std::less<>>;
collection decide_collection(const json& object, const object_key& key, bool owns,
                             const object_lookup& lookup, const custom_kinds& custom,
                             const known_owners& others = {});
/// Whether a reference means a kind that is served here.
bool is_served_here(const owner_reference& owner, const custom_kinds& custom);

}  // namespace troupe::model
