#include "model/label_names.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <limits>

namespace troupe::model {
namespace {

/// Each name at most once and by its rule, where there is one.
void validate_names(const json& spec, const field_path& path, faults& out) {
  using rule = std::string (*)(std::string_view);
  static constexpr std::pair<const char*, rule> rules[] = {
      {"serviceAccountName", dns_subdomain_fault},
      {"nodeName", dns_subdomain_fault},
      {"priorityClassName", dns_subdomain_fault},
      {"runtimeClassName", dns_subdomain_fault},
      {"schedulerName", dns_subdomain_fault},
      {"hostname", dns_label_fault},
      {"subdomain", dns_label_fault}};
  for (const auto& [name, fault_of] : rules)
    if (const auto value = text_of(spec, name); !value.empty())
      out.check(path.child(name), value, fault_of(value));
}

void validate_times(const json& spec, const field_path& path, faults& out) {
  validate_nonnegative(spec, "terminationGracePeriodSeconds", path, out);
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  if (const json& deadline = value_of(spec, "activeDeadlineSeconds"); deadline.is_number_integer())
    if (const auto seconds = deadline.get<std::int64_t>(); seconds < 1 || seconds > most)
      out.invalid(path.child("activeDeadlineSeconds"), deadline,
                  "must be between 1 and 2147483647, inclusive");
}

void validate_host_aliases(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("hostAliases");
  const auto& aliases = items_of(spec, "hostAliases");
  for (std::size_t i = 0; i < aliases.size(); ++i) {
    const field_path here = path.index(i);
    const auto ip = text_of(aliases[i], "ip");
    out.check(here.child("ip"), ip, ip_fault(ip));
    const field_path names_path = here.child("hostnames");
    for (const json& name : items_of(aliases[i], "hostnames"))
      out.check(names_path, as_text(name), dns_subdomain_fault(as_text(name)));
  }
}

void validate_dns(const json& spec, const field_path& spec_path, faults& out) {
  constexpr std::size_t most_servers = 3;
  const json& config = value_of(spec, "dnsConfig");
  const field_path path = spec_path.child("dnsConfig");
  const field_path servers_path = path.child("nameservers");
  const auto& servers = items_of(config, "nameservers");
  if (text_of(spec, "dnsPolicy") == "None" && servers.empty())
    out.required(config.is_null() ? path : servers_path,
                 config.is_null()
                     ? "must provide `dnsConfig` when `dnsPolicy` is None"
                     : "must provide at least one DNS nameserver when `dnsPolicy` is None");
  if (servers.size() > most_servers)
    out.invalid(servers_path, servers, "must not have more than 3 nameservers");
  for (std::size_t i = 0; i < servers.size(); ++i)
    out.check(servers_path.index(i), as_text(servers[i]), ip_fault(as_text(servers[i])));
}

void validate_gates(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("schedulingGates");
  const auto& gates = items_of(spec, "schedulingGates");
  name_set seen;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const field_path here = path.index(i);
    const auto name = text_of(gates[i], "name");
    if (name.empty()) continue;
    out.check(here.child("name"), name, qualified_name_fault(name));
    if (!seen.insert(name).second) out.duplicate(here.child("name"), name);
  }
}

void validate_spread(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("topologySpreadConstraints");
  const auto& constraints = items_of(spec, "topologySpreadConstraints");
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const json& skew = value_of(constraints[i], "maxSkew");
    const field_path here = path.index(i);
    if (skew.is_number_integer() && skew.get<std::int64_t>() <= 0)
      out.invalid(here.child("maxSkew"), skew, "must be greater than zero");
  }
}

}  // namespace

void validate_pod_spec(const json& spec, const field_path& path, faults& out) {
  const name_set volumes = validate_volumes(spec, path, out);
  validate_containers(spec, path, volumes, out);
  validate_names(spec, path, out);
  validate_times(spec, path, out);
  validate_labels(members_of(spec, "nodeSelector"), path.child("nodeSelector"), out);
  validate_tolerations(spec, path, out);
  validate_affinity(value_of(spec, "affinity"), path.child("affinity"), out);
  validate_host_aliases(spec, path, out);
  validate_dns(spec, path, out);
  validate_gates(spec, path, out);
  validate_spread(spec, path, out);
  if (!text_of(spec, "nodeName").empty() && !items_of(spec, "schedulingGates").empty())
    out.forbidden(path.child("nodeName"),
                  "cannot be set until all schedulingGates have been cleared");
}

}  // namespace troupe::model
