#pragma once

#include "model/json.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

/// A decoded document's value as Go prints it with %v: `map[a:1 b:[x y]]`. Some of Kubernetes'
/// error messages carry it.
std::string go_value(const json& value);
/// Its type as Go prints it with %T: "map[string]interface {}".
std::string_view go_type(const json& value);

}  // namespace troupe::model
