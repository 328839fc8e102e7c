#pragma once

#include "model/json.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

// Values as Go prints them, which some of Kubernetes' error messages carry.

/// A document's value with %v: `map[a:1 b:[x y]]`.
std::string go_value(const json& value);
/// Its type with %T: "map[string]interface {}".
std::string_view go_type(const json& value);

/// A typed value with %#v, in faults about structs, maps and lists.
struct go_text {
  std::string text;
};

// Null prints as the nil of its type.
go_text go_string_map(const json& map);               ///< map[string]string{"app":"web"}
go_text go_strings(const json& list);                 ///< []string{"a", "b"}
go_text go_list(const char* type, const json& list);  ///< []core.X{"a", "b"}, or of numbers
go_text go_label_selector(const json& selector);      ///< v1.LabelSelector{MatchLabels:...}
go_text go_int_or_string(const json& value);          ///< intstr.IntOrString{Type:0, ...}

}  // namespace troupe::model
