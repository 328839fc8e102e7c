#pragma once

#include "model/schema.hpp"
#include "model/validation/path.hpp"

namespace troupe::model {

/// What the schema alone can say of every kind: required fields that are missing or empty, values
/// outside their enumeration. Status is left out: clients write what they observed.
void validate_shape(const type_info& type, const json& object, faults& out);

}  // namespace troupe::model
