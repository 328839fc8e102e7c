#include "model/label_names.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/resource_names.hpp"

namespace troupe::model {
namespace {

std::optional<quantity> amount_of(const json& value) {
  return value.is_string() ? quantity::parse(as_text(value)) : std::nullopt;
}

/// A request against the limit of the same resource.
void validate_request(std::string_view name, const json& request, const json& limit,
                      const field_path& requests_path, faults& out) {
  const auto asked = amount_of(request);
  const auto allowed = amount_of(limit);
  if (!asked || !allowed) return;
  const bool equal_only = !may_overcommit(name);
  if (*asked == *allowed || (!equal_only && *asked < *allowed)) return;
  out.invalid(requests_path, request,
              (equal_only ? "must be equal to " : "must be less than or equal to ") +
                  std::string(name) + " limit of " + allowed->text());
}

/// Huge pages come in whole pages.
void validate_pages(std::string_view name, const json& value, const field_path& path, faults& out) {
  if (!is_huge_page_resource(name)) return;
  const auto amount = amount_of(value);
  const auto page = quantity::parse(name.substr(huge_page_prefix.size()));
  if (amount && page && page->value() > 0 && !amount->negative() && !amount->zero() &&
      amount->value() % page->value() == 0)
    return;
  if (amount)
    out.invalid(path, value,
                amount->text() + " is not positive integer multiple of " + std::string(name));
}

struct seen_resources {
  bool compute = false;
  bool huge_pages = false;
  void note(std::string_view name) {
    compute |= name == "cpu" || name == "memory";
    huge_pages |= is_huge_page_resource(name);
  }
};

}  // namespace

void validate_amount(std::string_view resource, const json& value, const field_path& path,
                     faults& out) {
  const auto amount = amount_of(value);
  if (!amount) return;
  if (amount->negative()) out.invalid(path, value, "must be greater than or equal to 0");
  if (is_whole_resource(resource) && amount->milli_value() % 1000 != 0)
    out.invalid(path, value, "must be an integer");
}

void validate_requirements(const json& requests, const json& limits, const field_path& path,
                           faults& out) {
  static const json::object_t none;
  const auto& asked = requests.is_object() ? requests.get_ref<const json::object_t&>() : none;
  const auto& allowed = limits.is_object() ? limits.get_ref<const json::object_t&>() : none;
  const field_path limits_path = path.child("limits");
  const field_path requests_path = path.child("requests");
  seen_resources seen;
  const auto each = [&](const std::string& name, const json& value, const field_path& here) {
    validate_container_resource_name(name, here, out);
    validate_amount(name, value, here, out);
    validate_pages(name, value, here, out);
    seen.note(name);
  };
  for (const auto& [name, value] : allowed) each(name, value, limits_path.key(name));
  for (const auto& [name, value] : asked) {
    each(name, value, requests_path.key(name));
    if (const auto limit = allowed.find(name); limit != allowed.end())
      validate_request(name, value, limit->second, requests_path, out);
    else if (!may_overcommit(name))
      out.required(limits_path, "Limit must be set for non overcommitable resources");
  }
  if (seen.huge_pages && !seen.compute) out.forbidden(path, "HugePages require cpu or memory");
}

void validate_resources(const json& container, const field_path& container_path, faults& out) {
  const json& resources = value_of(container, "resources");
  if (!resources.is_object() || resources.empty()) return;
  validate_requirements(value_of(resources, "requests"), value_of(resources, "limits"),
                        container_path.child("resources"), out);
}

}  // namespace troupe::model
