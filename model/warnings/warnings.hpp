#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <string>
#include <vector>

namespace troupe::model {

/// What Kubernetes tells the writer of a valid object in `Warning:` headers: fields that are
/// deprecated, without effect or likely a mistake. `old` is null on create.
std::vector<std::string> warnings_of(const kind_info& kind, const json* old, const json& object);

/// What it tells everybody who uses a kind that is deprecated as a whole; empty for the others.
std::string deprecation_of(const kind_info& kind);

}  // namespace troupe::model
