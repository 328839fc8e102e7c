#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

/// `conditions` of metav1.Condition: a type once, a status, a reason, a time.
void validate_conditions(const json& status, const field_path& status_path, faults& out);

}  // namespace troupe::model
