#pragma once

#include "model/cel/types.hpp"
#include "model/json.hpp"

#include <string>

namespace troupe::model {

/// The type of `self` in the rules of an OpenAPI v3 schema; null where the schema says too little.
/// `whole`: it is the schema of an object as a whole, which has kind, apiVersion and metadata.name
/// besides. Structures are named after their place below `name`. Says also how large values may be,
/// as Kubernetes reckons: by their limits, or by what a request of 3 MiB may hold.
cel::type_ptr declared_type(const json& schema, bool whole, const std::string& name = "selfType");

}  // namespace troupe::model
