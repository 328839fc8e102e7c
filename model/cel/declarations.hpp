#pragma once

#include "model/cel/types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::model::cel {

// What functions there are, and for what types: CEL's own and those of the libraries that
// Kubernetes 1.32 has.

struct overload {
  bool method = false;  ///< args[0] is what stands before the dot
  type_list args;
  type_ptr result;
  std::vector<std::string> parameters;  ///< the capitals in them
};

/// The overloads of a function, in the order in which they are tried; null where there is none of
/// this name. Operators have their names in CEL: "_+_".
const std::vector<overload>* find_function(std::string_view name);

/// The type of a name that means a type: "int", "google.protobuf.Timestamp"; null for others.
type_ptr find_type_name(std::string_view name);

}  // namespace troupe::model::cel
