#include "model/label_names.hpp"
#include "model/quantity.hpp"
#include "model/validation/pod.hpp"

namespace troupe::model {
namespace {

/// Named without a domain or in kubernetes.io: Kubernetes' own.
bool is_native(std::string_view resource) {
  return resource.find('/') == resource.npos || resource.find("kubernetes.io/") != resource.npos;
}

bool is_standard(std::string_view resource) {
  return resource == "cpu" || resource == "memory" || resource == "ephemeral-storage" ||
         resource.starts_with("hugepages-");
}

/// Whether requests may lie below limits.
bool may_overcommit(std::string_view resource) {
  return is_native(resource) && !resource.starts_with("hugepages-");
}

std::optional<quantity> amount_of(const json& value) {
  return value.is_string() ? quantity::parse(as_text(value)) : std::nullopt;
}

void validate_resource_name(std::string_view name, const field_path& path, faults& out) {
  const std::string fault = qualified_name_fault(name);
  out.check(path, name, fault);
  if (fault.empty() && name.find('/') == name.npos && !is_standard(name))
    out.invalid(path, name, "must be a standard resource for containers");
}

/// A request against the limit of the same resource.
void validate_request(std::string_view name, const json& request, const json& limit,
                      const field_path& requests_path, faults& out) {
  const auto asked = amount_of(request);
  const auto allowed = amount_of(limit);
  if (!asked || !allowed) return;
  const std::string detail = std::string(name) + " limit of " + allowed->text();
  if (!may_overcommit(name) && *asked != *allowed)
    out.invalid(requests_path, request, "must be equal to " + detail);
  else if (*asked > *allowed)
    out.invalid(requests_path, request, "must be less than or equal to " + detail);
}

}  // namespace

void validate_amount(std::string_view resource, const json& value, const field_path& path,
                     faults& out) {
  const auto amount = amount_of(value);
  if (!amount) return;
  if (amount->negative()) out.invalid(path, value, "must be greater than or equal to 0");
  if (!is_native(resource) && amount->milli_value() % 1000 != 0)
    out.invalid(path, value, "must be an integer");
}

void validate_resources(const json& container, const field_path& container_path, faults& out) {
  const json& resources = value_of(container, "resources");
  if (!resources.is_object() || resources.empty()) return;
  const field_path path = container_path.child("resources");
  const field_path limits_path = path.child("limits");
  const field_path requests_path = path.child("requests");
  const auto& limits = members_of(resources, "limits");
  for (const auto& [name, value] : limits) {
    const field_path here = limits_path.key(name);
    validate_resource_name(name, here, out);
    validate_amount(name, value, here, out);
  }
  for (const auto& [name, value] : members_of(resources, "requests")) {
    const field_path here = requests_path.key(name);
    validate_resource_name(name, here, out);
    validate_amount(name, value, here, out);
    if (const auto limit = limits.find(name); limit != limits.end())
      validate_request(name, value, limit->second, requests_path, out);
    else if (!may_overcommit(name))
      out.required(limits_path, "Limit must be set for non overcommitable resources");
  }
}

}  // namespace troupe::model
