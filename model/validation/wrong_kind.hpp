#pragma once

#include "model/schema.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

/// Why a document that calls itself `api_version` `name` cannot be read as `kind`, in the words of
/// Kubernetes' codecs: `no kind "X" is registered for version "v1" in scheme ...` when no such kind
/// was ever served, and `converting (v1.X) to (core.Y): unknown conversion` when it is another one.
/// Empty when it can: it is the kind itself, or another version of it.
std::string wrong_kind(const kind_info& kind, std::string_view api_version, std::string_view name);

}  // namespace troupe::model
