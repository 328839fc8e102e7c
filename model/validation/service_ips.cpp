#include "model/go_text.hpp"
#include "model/ip_address.hpp"
#include "model/validation/addresses.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/service.hpp"

#include <set>

namespace troupe::model {
namespace {

constexpr std::string_view once = "may not change once set";

go_text families_text(const json& spec) {
  return go_list("core.IPFamily", value_of(spec, "ipFamilies"));
}

go_text ips_text(const json& spec) {
  return go_strings(value_of(spec, "clusterIPs"));
}

void validate_families(const json& spec, const field_path& path, faults& out) {
  const field_path families_path = path.child("ipFamilies");
  const auto& families = items_of(spec, "ipFamilies");
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < families.size(); ++i) {
    const auto family = as_text(families[i]);
    if (family != "IPv4" && family != "IPv6")
      out.not_supported(families_path.index(i), family, {"IPv4", "IPv6"});
    if (!seen.insert(family).second) out.duplicate(families_path.index(i), family);
  }
  const auto policy = text_of(spec, "ipFamilyPolicy");
  if (!value_of(spec, "ipFamilyPolicy").is_null() && policy != "PreferDualStack" &&
      policy != "RequireDualStack" && policy != "SingleStack")
    out.not_supported(path.child("ipFamilyPolicy"), policy,
                      {"PreferDualStack", "RequireDualStack", "SingleStack"});
}

/// Says whether all are addresses, or the one is None.
bool validate_each_ip(const json& spec, const field_path& path, faults& out) {
  const auto& ips = items_of(spec, "clusterIPs");
  bool valid = true;
  for (std::size_t i = 0; i < ips.size(); ++i) {
    const auto ip = as_text(ips[i]);
    if (i == 0 && ip == "None") {
      if (ips.size() == 1) continue;
      valid = false;
      out.invalid(path, ips_text(spec), "'None' must be the first and only value");
    } else {
      valid = validate_ip(ip, path.index(i), out) && valid;
    }
  }
  if (ips.size() > 2) out.invalid(path, ips_text(spec), "may only hold up to 2 values");
  return valid;
}

/// Each address against the family in the same place.
void match_families(const json& spec, const field_path& path, faults& out) {
  const auto& ips = items_of(spec, "clusterIPs");
  const auto& families = items_of(spec, "ipFamilies");
  for (std::size_t i = 0; i < std::min(ips.size(), families.size()); ++i) {
    const auto address = parse_ip(as_text(ips[i]));
    const auto family = as_text(families[i]);
    if (!address || (family == "IPv6") == address->v6) continue;
    out.invalid(path.index(i), ips[i],
                "expected an " + std::string(family) + " value as indicated by `ipFamilies[" +
                    std::to_string(i) + "]`");
  }
}

bool is_external_name(const json& spec) {
  return text_of(spec, "type") == "ExternalName";
}

void require_single_stack(const json& spec, const field_path& path, std::string_view what,
                          faults& out) {
  if (text_of(spec, "ipFamilyPolicy") != "SingleStack")
    out.invalid(path.child("ipFamilyPolicy"), value_of(spec, "ipFamilyPolicy"),
                "must be set to 'SingleStack' when releasing the secondary " + std::string(what));
}

void validate_ip_changes(const json& old, const json& spec, const field_path& path, faults& out) {
  if (is_headless(old) && is_headless(spec)) return;
  const field_path ips_path = path.child("clusterIPs");
  const auto& before = items_of(old, "clusterIPs");
  const auto& now = items_of(spec, "clusterIPs");
  if (before.size() == now.size()) {
    for (std::size_t i = 0; i < now.size(); ++i)
      if (before[i] != now[i]) out.invalid(ips_path.index(i), ips_text(spec), once);
    return;
  }
  if (now.empty())
    out.invalid(ips_path.index(0), ips_text(spec), "primary clusterIP can not be unset");
  else if (!before.empty() && before[0] != now[0])
    out.invalid(ips_path.index(0), ips_text(spec), once);
  if (before.size() > now.size() && now.size() == 1)
    require_single_stack(spec, path, "clusterIP", out);
}

void validate_family_changes(const json& old, const json& spec, const field_path& path,
                             faults& out) {
  if (is_headless(old) || is_headless(spec)) return;
  const field_path first_path = path.child("ipFamilies");
  const field_path first = first_path.index(0);
  const auto& before = items_of(old, "ipFamilies");
  const auto& now = items_of(spec, "ipFamilies");
  if (before.size() == now.size()) {
    for (std::size_t i = 0; i < now.size(); ++i)
      if (before[i] != now[i]) out.invalid(first, families_text(spec), once);
    return;
  }
  if (before.size() > now.size() && items_of(spec, "clusterIPs").empty())
    out.invalid(first, families_text(spec), "primary ipFamily can not be unset");
  if (!before.empty() && !now.empty() && before[0] != now[0])
    out.invalid(first, ips_text(spec), once);
  if (before.size() > now.size() && now.size() == 1)
    require_single_stack(spec, path, "ipFamily", out);
}

}  // namespace

void validate_cluster_ips(const json& spec, const field_path& path, faults& out) {
  if (is_external_name(spec)) return;
  const field_path ips_path = path.child("clusterIPs");
  const auto& ips = items_of(spec, "clusterIPs");
  const auto ip = text_of(spec, "clusterIP");
  if (ip.empty() && !ips.empty())
    out.invalid(ips_path, ips_text(spec), "must be empty when `clusterIP` is not specified");
  else if (!ip.empty() && ips.empty())
    out.required(ips_path);
  else if (!ip.empty() && ips[0] != ip)
    out.invalid(ips_path, ips_text(spec), "first value must match `clusterIP`");
  validate_families(spec, path, out);
  if (!validate_each_ip(spec, ips_path, out)) return;
  if (ips.size() > 1) {
    const auto first = parse_ip(as_text(ips[0]));
    const auto second = parse_ip(as_text(ips[1]));
    if (first && second && first->v6 == second->v6)
      out.invalid(ips_path, ips_text(spec), "may specify no more than one IP for each IP family");
  }
  if (!is_headless(spec)) match_families(spec, ips_path, out);
}

void validate_cluster_ips_update(const json& old, const json& spec, const field_path& path,
                                 faults& out) {
  if (is_external_name(old) || is_external_name(spec)) return;
  validate_ip_changes(old, spec, path, out);
  validate_family_changes(old, spec, path, out);
}

void validate_service_update(const json& old, const json& service, faults& out) {
  const field_path path("spec");
  const json& before = value_of(old, "spec");
  const json& spec = value_of(service, "spec");
  validate_cluster_ips_update(before, spec, path, out);
  if (text_of(before, "type") == "LoadBalancer" && text_of(spec, "type") == "LoadBalancer" &&
      value_of(before, "loadBalancerClass") != value_of(spec, "loadBalancerClass"))
    out.invalid(path.child("loadBalancerClass"), value_of(spec, "loadBalancerClass"), once);
  if (needs_health_check(before) && needs_health_check(spec) &&
      integer_of(before, "healthCheckNodePort") != integer_of(spec, "healthCheckNodePort"))
    out.forbidden(path.child("healthCheckNodePort"), "field is immutable");
  validate_service(service, out);
}

}  // namespace troupe::model
