#pragma once

#include "model/json.hpp"

#include <string>

namespace troupe::model {

/// A document as `kubectl -o yaml` prints it: sorted keys, lists at their key's indentation, long
/// scalars folded at 80 columns, and quotes where YAML 1.1 would read something else.
std::string yaml_text(const json& document);

}  // namespace troupe::model
