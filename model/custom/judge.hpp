#pragma once

#include "model/custom/kinds.hpp"
#include "model/status.hpp"

#include <vector>

namespace troupe::model {

/// Everything that is wrong with an object of a custom kind: `found` already in its metadata, by
/// its schema, and, where nothing of that forbids it, by the schema's rules in CEL. `old` is the
/// version before an update.
std::vector<cause> with_custom_faults(const custom_version& version, const json& object,
                                      const json* old, std::vector<cause> found);

}  // namespace troupe::model
