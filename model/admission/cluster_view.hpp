#pragma once

#include "model/object.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace troupe::model {

/// How admission looks at other objects.
struct cluster_view {
  std::function<object_ptr(const object_key&)> get;  ///< null when there is none
  /// All of a resource in a namespace, or of a cluster-scoped one.
  std::function<std::vector<object_ptr>(std::string_view resource, std::string_view ns)> list;
};

}  // namespace troupe::model
