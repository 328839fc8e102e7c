#include "model/system_priorities.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

namespace troupe::model {
namespace {

constexpr std::int64_t highest_user_priority = 1'000'000'000;
constexpr std::string_view system_prefix = "system-";

/// Why this is none of Kubernetes' own classes, or "".
std::string system_class_fault(std::string_view name, std::int64_t value, bool global) {
  const auto* own = system_priority_named(name);
  const std::string which(name);
  if (!own) return which + " is not a known system priority class";
  if (value != own->value)
    return "value of " + which + " PriorityClass must be " + std::to_string(own->value);
  return global ? "globalDefault of " + which + " PriorityClass must be false" : "";
}

}  // namespace

void validate_priority_class(const json& priority, faults& out) {
  const auto name = text_of(value_of(priority, "metadata"), "name");
  const auto value = integer_of(priority, "value");
  const field_path metadata_path("metadata");
  if (name.starts_with(system_prefix)) {
    const auto fault = system_class_fault(name, value, value_of(priority, "globalDefault") == true);
    if (!fault.empty())
      out.forbidden(metadata_path.child("name"),
                    "priority class names with 'system-' prefix are reserved for system use only. "
                    "error: " +
                        fault);
  } else if (value > highest_user_priority) {
    out.forbidden(field_path("value"),
                  "maximum allowed value of a user defined priority is 1000000000");
  }
  if (const json& policy = value_of(priority, "preemptionPolicy"); !policy.is_null())
    if (const auto text = as_text(policy); text != "PreemptLowerPriority" && text != "Never")
      out.not_supported(field_path("preemptionPolicy"), text, {"PreemptLowerPriority", "Never"});
}

void validate_priority_class_update(const json& old, const json& priority, faults& out) {
  if (integer_of(old, "value") != integer_of(priority, "value"))
    out.forbidden(field_path("value"), "may not be changed in an update.");
  if (const json& policy = value_of(priority, "preemptionPolicy");
      policy != value_of(old, "preemptionPolicy"))
    out.invalid(field_path("preemptionPolicy"), policy, "field is immutable");
}

void validate_runtime_class(const json& runtime, faults& out) {
  const auto handler = text_of(runtime, "handler");
  out.check(field_path("handler"), handler, dns_label_fault(handler));
  const json& fixed = value_of(value_of(runtime, "overhead"), "podFixed");
  if (fixed.is_object()) validate_requirements(nullptr, fixed, field_path("overhead"), out);
  const field_path path("scheduling");
  const json& scheduling = value_of(runtime, "scheduling");
  validate_labels(members_of(scheduling, "nodeSelector"), path.child("nodeSelector"), out);
  validate_tolerations(value_of(scheduling, "tolerations"), path.child("tolerations"), out);
}

void validate_runtime_class_update(const json& old, const json& runtime, faults& out) {
  if (const json& handler = value_of(runtime, "handler"); handler != value_of(old, "handler"))
    out.invalid(field_path("handler"), handler, "field is immutable");
}

}  // namespace troupe::model
