#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// Values as Go's %#v prints them: Kubernetes 1.32 shows structs, maps and lists so in its faults.
// Null prints as the nil of its type.

go_text go_string_map(const json& map);               ///< map[string]string{"app":"web"}
go_text go_strings(const json& list);                 ///< []string{"a", "b"}
go_text go_list(const char* type, const json& list);  ///< []core.X{"a", "b"}, or of numbers
go_text go_label_selector(const json& selector);      ///< v1.LabelSelector{MatchLabels:...}
go_text go_int_or_string(const json& value);          ///< intstr.IntOrString{Type:0, ...}

}  // namespace troupe::model
