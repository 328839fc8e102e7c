#pragma once

#include "model/field_set.hpp"
#include "model/json.hpp"
#include "model/schema.hpp"

#include <vector>

namespace troupe::model {

/// Lays a configuration over an object of `type`, in place: maps and structs member by member,
/// keyed lists and sets item by item (in the configuration's order, what only the object has
/// keeping its place), all else replaced. A null unsets a scalar. Removes nothing.
void merge_configuration(json& object, const json& configuration, const type_info& type);

/// Removes from `object` what was applied (`last`) and is owned by none of `owners` any more.
void prune(json& object, const field_set& last, const std::vector<const field_set*>& owners,
           const type_info& type);

}  // namespace troupe::model
