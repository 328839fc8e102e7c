#include "model/go_text.hpp"
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
      {"hostname", dns_label_fault},
      {"subdomain", dns_label_fault},
      {"priorityClassName", dns_subdomain_fault}};
  for (const auto& [name, fault_of] : rules)
    if (const auto value = text_of(spec, name); !value.empty())
      out.check(path.child(name), value, fault_of(value));
  // A name that is there but empty is no runtime class.
  if (const json& name = value_of(spec, "runtimeClassName"); name.is_string())
    out.check(path.child("runtimeClassName"), as_text(name), dns_subdomain_fault(as_text(name)));
}

void validate_deadline(const json& spec, const field_path& path, faults& out) {
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
    const auto& names = items_of(aliases[i], "hostnames");
    for (std::size_t j = 0; j < names.size(); ++j)
      out.check(names_path.index(j), as_text(names[j]), dns_subdomain_fault(as_text(names[j])));
  }
}

void validate_searches(const json& config, const field_path& config_path, faults& out) {
  constexpr std::size_t most_paths = 32;
  constexpr std::size_t most_characters = 2048;
  const field_path path = config_path.child("searches");
  const auto& searches = items_of(config, "searches");
  if (searches.size() > most_paths)
    out.invalid(path, go_strings(searches), "must not have more than 32 search paths");
  std::size_t characters = searches.empty() ? 0 : searches.size() - 1;
  for (const json& search : searches) characters += as_text(search).size();
  if (characters > most_characters)
    out.invalid(path, go_strings(searches),
                "must not have more than 2048 characters (including spaces) in the search list");
  for (std::size_t i = 0; i < searches.size(); ++i) {
    auto search = as_text(searches[i]);
    if (search.ends_with('.')) search.remove_suffix(1);
    out.check(path.index(i), search, dns_subdomain_fault(search));
  }
}

void validate_dns(const json& spec, const field_path& spec_path, faults& out) {
  constexpr std::size_t most_servers = 3;
  const json& config = value_of(spec, "dnsConfig");
  const field_path path = spec_path.child("dnsConfig");
  const field_path servers_path = path.child("nameservers");
  const auto& servers = items_of(config, "nameservers");
  if (text_of(spec, "dnsPolicy") == "None") {
    if (config.is_null())
      return out.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
    if (servers.empty())
      return out.required(servers_path,
                          "must provide at least one DNS nameserver when `dnsPolicy` is None");
  }
  if (config.is_null()) return;
  if (servers.size() > most_servers)
    out.invalid(servers_path, go_strings(servers), "must not have more than 3 nameservers");
  for (std::size_t i = 0; i < servers.size(); ++i)
    out.check(servers_path.index(i), as_text(servers[i]), ip_fault(as_text(servers[i])));
  validate_searches(config, path, out);
  const field_path options_path = path.child("options");
  const auto& options = items_of(config, "options");
  for (std::size_t i = 0; i < options.size(); ++i)
    if (text_of(options[i], "name").empty())
      out.required(options_path.index(i), "must not be empty");
}

void validate_gates(const json& spec, const field_path& spec_path, faults& out) {
  const field_path readiness_path = spec_path.child("readinessGates");
  const auto& conditions = items_of(spec, "readinessGates");
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const field_path here = readiness_path.index(i);
    const auto type = text_of(conditions[i], "conditionType");
    out.check(here.child("conditionType"), type, qualified_name_fault(type));
  }
  const field_path path = spec_path.child("schedulingGates");
  const auto& gates = items_of(spec, "schedulingGates");
  name_set seen;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const field_path here = path.index(i);
    const auto name = text_of(gates[i], "name");
    out.check(here, name, qualified_name_fault(name));
    if (!seen.insert(name).second) out.duplicate(here, name);
  }
}

/// On the node's network a port is the same inside and outside. A template may leave the outside
/// open: it is set when the pod is made.
void validate_host_network(const json& spec, bool is_pod, const field_path& spec_path,
                           faults& out) {
  if (value_of(spec, "hostNetwork") != true) return;
  const field_path path = spec_path.child("containers");
  const auto& containers = items_of(spec, "containers");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const field_path container_path = path.index(i);
    const field_path ports_path = container_path.child("ports");
    const auto& ports = items_of(containers[i], "ports");
    for (std::size_t j = 0; j < ports.size(); ++j) {
      const auto outside = integer_of(ports[j], "hostPort");
      const field_path here = ports_path.index(j);
      if ((is_pod || outside != 0) && outside != integer_of(ports[j], "containerPort"))
        out.invalid(here.child("hostPort"), outside,
                    "must match `containerPort` when `hostNetwork` is true");
    }
  }
}

}  // namespace

void validate_pod_spec(const json& spec, const json& metadata, const field_path& path,
                       faults& out) {
  const bool is_pod = metadata.is_object();
  const volume_index volumes = validate_volumes(spec, metadata, path, out);
  validate_containers(spec, volumes, path, out);
  validate_host_network(spec, is_pod, path, out);
  validate_labels(members_of(spec, "nodeSelector"), path.child("nodeSelector"), out);
  validate_pod_security(spec, path, out);
  validate_affinity(value_of(spec, "affinity"), path.child("affinity"), out);
  validate_dns(spec, path, out);
  validate_gates(spec, path, out);
  validate_topology_spread(spec, path, out);
  validate_names(spec, path, out);
  validate_deadline(spec, path, out);
  validate_tolerations(value_of(spec, "tolerations"), path.child("tolerations"), out);
  validate_host_aliases(spec, path, out);
  if (const json& overhead = value_of(spec, "overhead"); overhead.is_object())
    validate_requirements(nullptr, overhead, path.child("overhead"), out);
  validate_os(spec, path, out);
}

}  // namespace troupe::model
