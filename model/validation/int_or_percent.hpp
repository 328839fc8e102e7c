#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// An IntOrString that counts pods: a number or a percentage.

/// Not below zero, or a valid percentage.
void validate_int_or_percent(const json& value, const field_path& path, faults& out);
/// A percentage of at most 100%.
void validate_at_most_all(const json& value, const field_path& path, faults& out);
/// The number, or the number before the '%'; 0 when it is neither.
std::int64_t number_or_percent(const json& value);
/// The number, or so much of `total` (intstr's GetScaledValueFromIntOrPercent).
std::int64_t scaled_value(const json& value, std::int64_t total, bool round_up);

}  // namespace troupe::model
