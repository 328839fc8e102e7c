#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// Addresses, ranges and host names in fields, in the words of Kubernetes 1.32.

/// Says whether it is one.
bool validate_ip(std::string_view text, const field_path& path, faults& out);
void validate_cidr(std::string_view text, const field_path& path, faults& out);
/// Refuses what no service could be reached at: unspecified, loopback and link-local addresses.
void validate_non_special_ip(std::string_view text, const field_path& path, faults& out);
/// A host name of a load balancer: a DNS name, no address.
void validate_ingress_host(std::string_view host, const field_path& path, faults& out);
/// "*.example.com"
std::string wildcard_dns_fault(std::string_view name);

/// An IANA port name or a port number, where it is given.
void validate_port_or_name(const json& port, const field_path& path, faults& out);
void validate_port(const json& port, const field_path& path, faults& out);

}  // namespace troupe::model
