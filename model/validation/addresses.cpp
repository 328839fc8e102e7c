#include "model/validation/addresses.hpp"

#include "model/ip_address.hpp"
#include "model/label_names.hpp"
#include "model/validation/names.hpp"

namespace troupe::model {

bool validate_ip(std::string_view text, const field_path& path, faults& out) {
  if (parse_ip(text)) return true;
  out.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
  return false;
}

void validate_cidr(std::string_view text, const field_path& path, faults& out) {
  if (!parse_cidr(text))
    out.invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
}

void validate_non_special_ip(std::string_view text, const field_path& path, faults& out) {
  const auto address = parse_ip(text);
  if (!address) return out.invalid(path, text, "must be a valid IP address");
  if (address->is_unspecified())
    out.invalid(path, text, "may not be unspecified (" + std::string(text) + ")");
  if (address->is_loopback())
    out.invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (address->is_link_local())
    out.invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  if (address->is_link_local_multicast())
    out.invalid(path, text,
                "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

void validate_ingress_host(std::string_view host, const field_path& path, faults& out) {
  if (host.empty()) return;
  out.check(path, host, dns_subdomain_fault(host));
  if (parse_ip(host)) out.invalid(path, host, "must be a DNS name, not an IP address");
}

std::string wildcard_dns_fault(std::string_view name) {
  if (name.starts_with("*.") && dns_subdomain_fault(name.substr(2)).empty()) return {};
  return "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, "
         "which must consist of lower case alphanumeric characters, '-' or '.' and end with an "
         "alphanumeric character (e.g. '*.example.com', regex used for validation is "
         "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
}

void validate_port(const json& port, const field_path& path, faults& out) {
  const std::int64_t number = port.is_number_integer() ? port.get<std::int64_t>() : 0;
  if (const auto fault = port_fault(number); !fault.empty()) out.invalid(path, number, fault);
}

void validate_port_or_name(const json& port, const field_path& path, faults& out) {
  if (port.is_string())
    out.check(path, as_text(port), port_name_fault(as_text(port)));
  else
    validate_port(port, path, out);
}

}  // namespace troupe::model
