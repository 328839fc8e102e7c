#pragma once

#include <string>
#include <string_view>

namespace troupe::model {

// The rules of apimachinery's util/validation for names in labels and annotations. Each returns
// what is wrong in Kubernetes' words (several faults joined by "; "), or "" when nothing is.

/// A label key: [prefix/]name.
std::string qualified_name_fault(std::string_view name);
/// A label value: empty, or at most 63 characters that begin and end with a letter or digit.
std::string label_value_fault(std::string_view value);
/// RFC 1123 subdomain, at most 253 characters.
std::string dns_subdomain_fault(std::string_view name);

}  // namespace troupe::model
