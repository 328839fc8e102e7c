#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <string>
#include <vector>

namespace troupe::model {

/// What Kubernetes tells the writer of a valid object in `Warning:` headers: fields that are
/// deprecated, without effect or likely a mistake. `old` is null on create.
std::vector<std::string> warnings_of(const kind_info& kind, const json* old, const json& object);

}  // namespace troupe::model
