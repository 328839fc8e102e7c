#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t most_parameters = 512;
constexpr std::size_t most_parameter_bytes = 256u << 10;

void validate_parameters(const json& storage_class, faults& out) {
  const field_path path("parameters");
  const auto& parameters = members_of(storage_class, "parameters");
  if (parameters.size() > most_parameters) return out.too_long(path, most_parameters);
  if (parameters.contains("")) out.invalid(path, "", "field can not be empty.");
  if (size_of_map(parameters) > most_parameter_bytes) out.too_long(path, most_parameter_bytes);
}

void validate_topology_term(const json& term, const field_path& term_path, faults& out) {
  const field_path path = term_path.child("matchLabelExpressions");
  const auto& expressions = items_of(term, "matchLabelExpressions");
  distinct keys;
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const field_path here = path.index(i);
    const auto key = text_of(expressions[i], "key");
    const auto& values = items_of(expressions[i], "values");
    const field_path values_path = here.child("values");
    distinct seen;
    if (values.empty()) out.required(values_path);
    for (std::size_t k = 0; k < values.size(); ++k)
      seen.add(as_text(values[k]), values_path.index(k), out);
    out.check(here.child("key"), key, qualified_name_fault(key));
    keys.add(key, here.child("key"), out);
  }
}

}  // namespace

void validate_storage_class(const json& storage_class, faults& out) {
  const field_path provisioner_path("provisioner");
  const auto provisioner = text_of(storage_class, "provisioner");
  if (provisioner.empty()) {
    out.required(provisioner_path);
  } else {
    const std::string lower = lower_case(provisioner);
    out.check(provisioner_path, lower, qualified_name_fault(lower));
  }
  validate_parameters(storage_class, out);
  const auto policy = text_of(storage_class, "reclaimPolicy");
  if (!policy.empty() && policy != "Delete" && policy != "Retain")
    out.not_supported(field_path("reclaimPolicy"), policy, {"Delete", "Retain"});
  const auto mode = text_of(storage_class, "volumeBindingMode");
  if (mode.empty())
    out.required(field_path("volumeBindingMode"));
  else if (mode != "Immediate" && mode != "WaitForFirstConsumer")
    out.not_supported(field_path("volumeBindingMode"), mode, {"Immediate", "WaitForFirstConsumer"});
  const field_path topologies_path("allowedTopologies");
  const auto& topologies = items_of(storage_class, "allowedTopologies");
  for (std::size_t i = 0; i < topologies.size(); ++i) {
    const field_path here = topologies_path.index(i);
    validate_topology_term(topologies[i], here, out);
    for (std::size_t k = 0; k < i; ++k)
      if (topologies[k] == topologies[i]) out.duplicate(here.child("matchLabelExpressions"), "");
  }
}

void validate_storage_class_update(const json& old, const json& storage_class, faults& out) {
  for (const char* name : {"parameters", "provisioner", "reclaimPolicy"})
    if (value_of(old, name) != value_of(storage_class, name))
      out.forbidden(field_path(name), "updates to " + std::string(name) + " are forbidden.");
  validate_immutable(value_of(old, "volumeBindingMode"),
                     value_of(storage_class, "volumeBindingMode"), field_path("volumeBindingMode"),
                     out);
}

}  // namespace troupe::model
