#include "model/ip_address.hpp"
#include "model/label_names.hpp"
#include "model/validation/addresses.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/names.hpp"
#include "model/validation/service.hpp"

#include <set>

namespace troupe::model {
namespace {

constexpr std::size_t most_addresses = 100;
constexpr std::size_t most_slice_ports = 20000;
constexpr std::size_t most_endpoints = 1000;
constexpr std::size_t most_hints = 8;

void validate_address(const json& address, const field_path& path, faults& out) {
  const auto ip = text_of(address, "ip");
  validate_ip(ip, path.child("ip"), out);
  if (const auto host = text_of(address, "hostname"); !host.empty())
    out.check(path.child("hostname"), host, dns_label_fault(host));
  if (!value_of(address, "nodeName").is_null()) {
    const auto node = text_of(address, "nodeName");
    out.check(path.child("nodeName"), node, dns_subdomain_fault(node));
  }
  validate_non_special_ip(ip, path.child("ip"), out);
}

void validate_app_protocol(const json& port, const field_path& path, faults& out) {
  if (value_of(port, "appProtocol").is_null()) return;
  const auto protocol = text_of(port, "appProtocol");
  out.check(path.child("appProtocol"), protocol, qualified_name_fault(protocol));
}

void validate_endpoint_port(const json& port, const field_path& path, bool named, faults& out) {
  const auto name = text_of(port, "name");
  if (name.empty() && named) out.required(path.child("name"));
  if (!name.empty()) out.check(path.child("name"), name, dns_label_fault(name));
  validate_port(value_of(port, "port"), path.child("port"), out);
  validate_protocol(port, path, out);
  validate_app_protocol(port, path, out);
}

void validate_subset(const json& subset, const field_path& path, faults& out) {
  if (items_of(subset, "addresses").empty() && items_of(subset, "notReadyAddresses").empty())
    out.required(path, "must specify `addresses` or `notReadyAddresses`");
  for (const char* list : {"addresses", "notReadyAddresses"}) {
    const field_path list_path = path.child(list);
    const auto& addresses = items_of(subset, list);
    for (std::size_t i = 0; i < addresses.size(); ++i)
      validate_address(addresses[i], list_path.index(i), out);
  }
  const field_path ports_path = path.child("ports");
  const auto& ports = items_of(subset, "ports");
  for (std::size_t i = 0; i < ports.size(); ++i)
    validate_endpoint_port(ports[i], ports_path.index(i), ports.size() > 1, out);
}

/// A host name of at least two parts, the last of which may end with a dot.
void validate_full_domain(std::string_view name, const field_path& path, faults& out) {
  if (name.empty()) return out.required(path);
  auto bare = name;
  if (bare.ends_with('.')) bare.remove_suffix(1);
  if (const auto fault = dns_subdomain_fault(bare); !fault.empty())
    return out.check(path, bare, fault);
  if (bare.find('.') == bare.npos)
    return out.invalid(path, bare,
                       "should be a domain with at least two segments separated by "
                       "dots");
  for (auto rest = bare; !rest.empty();) {
    const auto dot = std::min(rest.find('.'), rest.size());
    const auto label = rest.substr(0, dot);
    out.check(path, label, dns_label_fault(label));
    rest.remove_prefix(std::min(dot + 1, rest.size()));
  }
}

void validate_slice_address(std::string_view type, std::string_view address, const field_path& path,
                            faults& out) {
  if (type == "FQDN") return validate_full_domain(address, path, out);
  if (type != "IPv4" && type != "IPv6") return;
  const auto parsed = parse_ip(address);
  if (!parsed || parsed->v6 != (type == "IPv6"))
    out.invalid(path, address, "must be a valid " + std::string(type) + " address");
  validate_non_special_ip(address, path, out);
}

void validate_hints(const json& endpoint, const field_path& endpoint_path, faults& out) {
  const json& hints = value_of(endpoint, "hints");
  if (!hints.is_object()) return;
  const field_path hints_path = endpoint_path.child("hints");
  const field_path path = hints_path.child("forZones");
  const auto& zones = items_of(hints, "forZones");
  if (zones.size() > most_hints) return out.too_many(path, zones.size(), most_hints);
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const auto name = text_of(zones[i], "name");
    const field_path here = path.index(i);
    if (!seen.insert(name).second) out.duplicate(here.child("name"), name);
    out.check(here.child("name"), name, label_value_fault(name));
  }
}

void validate_endpoint(std::string_view type, const json& endpoint, const field_path& path,
                       faults& out) {
  const field_path addresses_path = path.child("addresses");
  const auto& addresses = items_of(endpoint, "addresses");
  if (addresses.empty())
    out.required(addresses_path, "must contain at least 1 address");
  else if (addresses.size() > most_addresses)
    out.too_many(addresses_path, addresses.size(), most_addresses);
  for (std::size_t i = 0; i < addresses.size(); ++i)
    validate_slice_address(type, as_text(addresses[i]), addresses_path.index(i), out);
  if (!value_of(endpoint, "nodeName").is_null()) {
    const auto node = text_of(endpoint, "nodeName");
    out.check(path.child("nodeName"), node, dns_subdomain_fault(node));
  }
  const field_path topology = path.child("deprecatedTopology");
  validate_labels(members_of(endpoint, "deprecatedTopology"), topology, out);
  if (!value_of(endpoint, "hostname").is_null()) {
    const auto host = text_of(endpoint, "hostname");
    out.check(path.child("hostname"), host, dns_label_fault(host));
  }
  validate_hints(endpoint, path, out);
}

void validate_slice_ports(const json& slice, faults& out) {
  const field_path path("ports");
  const auto& ports = items_of(slice, "ports");
  if (ports.size() > most_slice_ports) return out.too_many(path, ports.size(), most_slice_ports);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const field_path here = path.index(i);
    const auto name = text_of(ports[i], "name");
    if (!name.empty()) out.check(here.child("name"), name, dns_label_fault(name));
    if (!names.insert(name).second) out.duplicate(here.child("name"), name);
    validate_protocol(ports[i], here, out);
    validate_app_protocol(ports[i], here, out);
  }
}

}  // namespace

void validate_endpoints(const json& endpoints, faults& out) {
  const field_path path("subsets");
  const auto& subsets = items_of(endpoints, "subsets");
  for (std::size_t i = 0; i < subsets.size(); ++i) validate_subset(subsets[i], path.index(i), out);
}

void validate_endpoint_slice(const json& slice, faults& out) {
  const field_path type_path("addressType");
  const auto type = text_of(slice, "addressType");
  if (type.empty())
    out.required(type_path);
  else if (type != "FQDN" && type != "IPv4" && type != "IPv6")
    out.not_supported(type_path, type, {"FQDN", "IPv4", "IPv6"});
  const field_path path("endpoints");
  const auto& endpoints = items_of(slice, "endpoints");
  if (endpoints.size() > most_endpoints)
    out.too_many(path, endpoints.size(), most_endpoints);
  else
    for (std::size_t i = 0; i < endpoints.size(); ++i)
      validate_endpoint(type, endpoints[i], path.index(i), out);
  validate_slice_ports(slice, out);
}

void validate_endpoint_slice_update(const json& old, const json& slice, faults& out) {
  validate_endpoint_slice(slice, out);
  validate_immutable(value_of(old, "addressType"), value_of(slice, "addressType"),
                     field_path("addressType"), out);
}

}  // namespace troupe::model
