#pragma once

#include "model/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// What a path through a schema leads to.
struct schema_end {
  /// The schema there; null where the schema says nothing, or the path leads nowhere.
  const json* schema = nullptr;
  std::vector<std::string> names;  ///< of the members on the way
  std::string fault;               ///< why the path leads nowhere
};

/// Follows ".a.b" and, with `brackets`, "['a'].b" through members of objects and of maps, in the
/// words of apiextensions' ValidFieldPath.
schema_end follow_schema(std::string_view path, const json& schema, bool brackets);

}  // namespace troupe::model
