#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/pod.hpp"

namespace troupe::model {
namespace {

void validate_taints(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("taints");
  const auto& taints = items_of(spec, "taints");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < taints.size(); ++i) {
    const field_path here = path.index(i);
    const auto key = text_of(taints[i], "key");
    if (!key.empty()) out.check(here.child("key"), key, qualified_name_fault(key));
    const auto value = text_of(taints[i], "value");
    out.check(here.child("value"), value, label_value_fault(value));
    const std::string name = std::string(key) + ":" + std::string(text_of(taints[i], "effect"));
    if (!seen.insert(name).second) out.duplicate(here, name);
  }
}

void validate_capacities(const json& status, faults& out) {
  const field_path path("status");
  for (const char* list : {"capacity", "allocatable"}) {
    const field_path here = path.child(list);
    for (const auto& [name, value] : members_of(status, list))
      validate_amount(name, value, here.key(name), out);
  }
}

}  // namespace

void validate_node(const json& node, faults& out) {
  const field_path path("spec");
  validate_taints(value_of(node, "spec"), path, out);
  validate_capacities(value_of(node, "status"), out);
}

void validate_node_update(const json& old, const json& node, faults& out) {
  const field_path path("spec");
  const json& before = value_of(old, "spec");
  const json& now = value_of(node, "spec");
  validate_taints(now, path, out);
  if (!items_of(before, "podCIDRs").empty() &&
      value_of(before, "podCIDRs") != value_of(now, "podCIDRs"))
    out.forbidden(path.child("podCIDRs"),
                  "node updates may not change podCIDR except from \"\" to valid");
  const auto provider = text_of(before, "providerID");
  if (!provider.empty() && provider != text_of(now, "providerID"))
    out.forbidden(path.child("providerID"),
                  "node updates may not change providerID except from \"\" to valid");
}

void validate_node_status(const json&, const json& node, faults& out) {
  const json& status = value_of(node, "status");
  validate_capacities(status, out);
  const field_path path("status");
  const field_path addresses_path = path.child("addresses");
  const auto& addresses = items_of(status, "addresses");
  for (std::size_t i = 0; i < addresses.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (addresses[j] == addresses[i])
        out.duplicate(addresses_path.index(i), text_of(addresses[i], "address"));
}

void validate_namespace(const json& ns, faults& out) {
  const field_path path("spec");
  const field_path finalizers_path = path.child("finalizers");
  for (const json& finalizer : items_of(value_of(ns, "spec"), "finalizers")) {
    const auto name = as_text(finalizer);
    const std::string fault = qualified_name_fault(name);
    out.check(finalizers_path, name, fault);
    if (fault.empty() && name.find('/') == name.npos && name != "kubernetes")
      out.invalid(finalizers_path, name,
                  "name is neither a standard finalizer name nor is it fully qualified");
  }
}

}  // namespace troupe::model
