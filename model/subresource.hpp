#pragma once

#include "model/schema.hpp"

namespace troupe::model {

/// The struct that a subresource takes and gives; it need be no served kind (policy/v1 Eviction,
/// autoscaling/v1 Scale). Null when the schema has none.
const type_info* subresource_type(const subresource_info& s);

/// A subresource's kind as one to decode, patch and show documents by. It is no resource: nothing
/// of it is stored. `plural` names its printer.
kind_info subresource_kind(const subresource_info& s);

}  // namespace troupe::model
