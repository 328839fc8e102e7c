#pragma once

#include "model/custom/kinds.hpp"

namespace troupe::model {

/// The selectable fields of an object of a custom kind (selectableFields), sorted by path.
string_pairs custom_fields(const kind_info& kind, const object& o);

/// The value at a dotted path, or null.
const json* value_at(const json& document, std::string_view path);

/// The autoscaling/v1 Scale of an object, by the paths of its version's scale subresource.
json custom_scale(const custom_version& version, const json& object);
/// Sets the number that a Scale asks for.
void set_custom_scale(const custom_version& version, json& object, const json& scale);

}  // namespace troupe::model
