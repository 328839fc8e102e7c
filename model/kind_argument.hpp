#pragma once

#include "model/schema.hpp"

#include <string_view>

namespace troupe::model {

/// Whether a user who types `argument` (in lower case) may mean this kind: its plural, singular or
/// a short name, alone or followed by its group, or by its version and group
/// ("deployments.v1.apps", "pods.v1."), as kubectl takes them.
bool named_by(const kind_info& kind, std::string_view argument);

}  // namespace troupe::model
