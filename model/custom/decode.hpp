#pragma once

#include "model/custom/kinds.hpp"
#include "model/validation/structural.hpp"

namespace troupe::model {

/// decode_fields() for a custom kind: what every object has is decoded, the rest pruned by the
/// schema.
decoding decode_custom(const custom_version& version, json& document,
                       const std::vector<std::string>& duplicates);

}  // namespace troupe::model
