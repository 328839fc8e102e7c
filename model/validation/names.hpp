#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::model {

// Rules for names besides those of label_names.hpp (apimachinery's util/validation and
// api/validation/path). Each returns what is wrong in Kubernetes' words, or "".

std::string dns_label_fault(std::string_view name);       ///< RFC 1123 label, 63 characters
std::string dns_1035_label_fault(std::string_view name);  ///< the same, beginning with a letter
std::string path_segment_fault(std::string_view name);    ///< neither . nor .., without / and %
std::string port_name_fault(std::string_view name);       ///< IANA service name
std::string env_name_fault(std::string_view name);        ///< printable ASCII without =
std::string config_key_fault(std::string_view key);       ///< of ConfigMaps and Secrets
std::string ip_fault(std::string_view text);              ///< IPv4 or IPv6 address
std::string port_fault(std::int64_t port);                ///< 1 to 65535

/// What a name made from this generateName could look like at its end, for checking the prefix.
std::string as_prefix(std::string_view generate_name);

}  // namespace troupe::model
