#include "model/go_text.hpp"
#include "model/ip_address.hpp"
#include "model/label_names.hpp"
#include "model/validation/addresses.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/pod.hpp"

namespace troupe::model {
namespace {

void validate_taints(const json& spec, faults& out) {
  // Kubernetes says metadata where it means spec.
  const field_path metadata("metadata");
  const field_path path = metadata.child("taints");
  const auto& taints = items_of(spec, "taints");
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (std::size_t i = 0; i < taints.size(); ++i) {
    const field_path here = path.index(i);
    const auto key = text_of(taints[i], "key");
    const auto value = text_of(taints[i], "value");
    const auto effect = text_of(taints[i], "effect");
    out.check(here.child("key"), key, qualified_name_fault(key));
    out.check(here.child("value"), value, label_value_fault(value));
    if (effect.empty())
      out.required(here.child("effect"));
    else if (effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute")
      out.not_supported(here.child("effect"), effect,
                        {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    if (!seen.emplace(key, effect).second)
      out.duplicate(here,
                    go_text{"core.Taint{Key:" + in_quotes(key) + ", Value:" + in_quotes(value) +
                            ", Effect:" + in_quotes(effect) + ", TimeAdded:<nil>}"},
                    "taints must be unique by key and effect pair");
  }
}

void validate_resources_of(const json& node, faults& out) {
  const field_path path("status");
  for (const char* list : {"capacity", "allocatable"}) {
    const field_path here = path.child(list);
    for (const auto& [name, value] : members_of(value_of(node, "status"), list))
      validate_amount(name, value, here.child(name), out);
  }
}

void validate_addresses(const json& node, faults& out) {
  const field_path status("status");
  const field_path path = status.child("addresses");
  const auto& addresses = items_of(value_of(node, "status"), "addresses");
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto type = text_of(addresses[i], "type");
    const auto address = text_of(addresses[i], "address");
    if (!seen.emplace(type, address).second)
      out.duplicate(path.index(i), go_text{"core.NodeAddress{Type:" + in_quotes(type) +
                                           ", Address:" + in_quotes(address) + "}"});
  }
}

/// One range for each family.
void validate_ranges(const json& spec, faults& out) {
  const field_path spec_path("spec");
  const field_path path = spec_path.child("podCIDRs");
  const auto& ranges = items_of(spec, "podCIDRs");
  for (std::size_t i = 0; i < ranges.size(); ++i)
    validate_cidr(as_text(ranges[i]), path.index(i), out);
  if (ranges.size() < 2) return;
  const auto first = parse_cidr(as_text(ranges[0]));
  const auto second = parse_cidr(as_text(ranges[1]));
  if (ranges.size() > 2 || (first && second && first->base.v6 == second->base.v6))
    out.invalid(path, go_strings(value_of(spec, "podCIDRs")),
                "may specify no more than one CIDR for each IP family");
  distinct seen;
  for (std::size_t i = 0; i < ranges.size(); ++i) seen.add(as_text(ranges[i]), path.index(i), out);
}

}  // namespace

void validate_node(const json& node, faults& out) {
  const json& spec = value_of(node, "spec");
  validate_taints(spec, out);
  validate_resources_of(node, out);
  validate_ranges(spec, out);
}

void validate_node_update(const json& old, const json& node, faults& out) {
  const field_path path("spec");
  const json& before = value_of(old, "spec");
  const json& now = value_of(node, "spec");
  validate_resources_of(node, out);
  validate_addresses(node, out);
  if (!items_of(before, "podCIDRs").empty() &&
      value_of(before, "podCIDRs") != value_of(now, "podCIDRs"))
    out.forbidden(path.child("podCIDRs"),
                  "node updates may not change podCIDR except from \"\" to valid");
  const auto provider = text_of(before, "providerID");
  if (!provider.empty() && provider != text_of(now, "providerID"))
    out.forbidden(path.child("providerID"),
                  "node updates may not change providerID except from \"\" to valid");
  validate_taints(now, out);
  if (text_of(before, "externalID") != text_of(now, "externalID"))
    out.forbidden(path.child("externalID"), "may not be updated");
}

}  // namespace troupe::model
