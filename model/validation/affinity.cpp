#include "model/label_names.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

constexpr const char* required_list = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* preferred_list = "preferredDuringSchedulingIgnoredDuringExecution";

bool is_whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc{} && end == text.data() + text.size() && !text.empty();
}

void validate_node_requirement(const json& term, const field_path& path, faults& out) {
  const auto op = text_of(term, "operator");
  const auto& values = items_of(term, "values");
  if ((op == "In" || op == "NotIn") && values.empty())
    out.required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
  if ((op == "Exists" || op == "DoesNotExist") && !values.empty())
    out.forbidden(path.child("values"),
                  "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  if ((op == "Gt" || op == "Lt") && values.size() != 1)
    out.required(path.child("values"),
                 "must be specified single value when `operator` is 'Lt' or 'Gt'");
  else if ((op == "Gt" || op == "Lt") && !is_whole_number(as_text(values[0])))
    out.invalid(path.child("values"), values[0], "must be an integer");
  const auto key = text_of(term, "key");
  out.check(path.child("key"), key, qualified_name_fault(key));
  const field_path values_path = path.child("values");
  for (std::size_t i = 0; i < values.size(); ++i)
    out.check(values_path.index(i), as_text(values[i]), label_value_fault(as_text(values[i])));
}

void validate_node_term(const json& term, const field_path& path, faults& out) {
  const field_path expressions = path.child("matchExpressions");
  const auto& requirements = items_of(term, "matchExpressions");
  for (std::size_t i = 0; i < requirements.size(); ++i)
    validate_node_requirement(requirements[i], expressions.index(i), out);
  const field_path fields_path = path.child("matchFields");
  const auto& fields = items_of(term, "matchFields");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const field_path here = fields_path.index(i);
    const auto op = text_of(fields[i], "operator");
    if ((op == "In" || op == "NotIn") && items_of(fields[i], "values").size() != 1)
      out.required(here.child("values"),
                   "must be only one value when `operator` is 'In' or 'NotIn' for node field "
                   "selector");
    else if (op != "In" && op != "NotIn")
      out.invalid(here.child("operator"), op, "not a valid selector operator");
    if (const auto key = text_of(fields[i], "key"); key != "metadata.name")
      out.invalid(here.child("key"), key, "not a valid field selector key");
  }
}

void validate_weight(const json& term, const field_path& path, faults& out) {
  const json& weight = value_of(term, "weight");
  if (weight.is_number_integer() &&
      (weight.get<std::int64_t>() < 1 || weight.get<std::int64_t>() > 100))
    out.invalid(path.child("weight"), weight, "must be in the range 1-100");
}

void validate_node_affinity(const json& affinity, const field_path& path, faults& out) {
  if (const json& needed = value_of(affinity, required_list); needed.is_object()) {
    const field_path needed_path = path.child(required_list);
    const field_path terms_path = needed_path.child("nodeSelectorTerms");
    const auto& terms = items_of(needed, "nodeSelectorTerms");
    if (terms.empty()) out.required(terms_path, "must have at least one node selector term");
    for (std::size_t i = 0; i < terms.size(); ++i)
      validate_node_term(terms[i], terms_path.index(i), out);
  }
  const field_path preferred_path = path.child(preferred_list);
  const auto& preferred = items_of(affinity, preferred_list);
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const field_path here = preferred_path.index(i);
    validate_weight(preferred[i], here, out);
    validate_node_term(value_of(preferred[i], "preference"), here.child("preference"), out);
  }
}

void validate_label_selector(const json& selector, const field_path& path, faults& out) {
  validate_labels(members_of(selector, "matchLabels"), path.child("matchLabels"), out);
  const field_path expressions_path = path.child("matchExpressions");
  const auto& expressions = items_of(selector, "matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const field_path here = expressions_path.index(i);
    const auto op = text_of(expressions[i], "operator");
    const auto& values = items_of(expressions[i], "values");
    if (op == "In" || op == "NotIn") {
      if (values.empty())
        out.required(here.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (!values.empty())
        out.forbidden(here.child("values"),
                      "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else {
      out.invalid(here.child("operator"), op, "not a valid selector operator");
    }
    const auto key = text_of(expressions[i], "key");
    out.check(here.child("key"), key, qualified_name_fault(key));
  }
}

void validate_pod_term(const json& term, const field_path& path, faults& out) {
  const auto topology = text_of(term, "topologyKey");
  if (topology.empty()) out.required(path.child("topologyKey"), "can not be empty");
  out.check(path.child("topologyKey"), topology,
            topology.empty() ? std::string() : qualified_name_fault(topology));
  for (const char* name : {"labelSelector", "namespaceSelector"})
    if (const json& selector = value_of(term, name); selector.is_object())
      validate_label_selector(selector, path.child(name), out);
}

void validate_pod_affinity(const json& affinity, const field_path& path, faults& out) {
  const field_path required_path = path.child(required_list);
  const auto& needed = items_of(affinity, required_list);
  for (std::size_t i = 0; i < needed.size(); ++i)
    validate_pod_term(needed[i], required_path.index(i), out);
  const field_path preferred_path = path.child(preferred_list);
  const auto& preferred = items_of(affinity, preferred_list);
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const field_path here = preferred_path.index(i);
    validate_weight(preferred[i], here, out);
    validate_pod_term(value_of(preferred[i], "podAffinityTerm"), here.child("podAffinityTerm"),
                      out);
  }
}

}  // namespace

void validate_affinity(const json& affinity, const field_path& path, faults& out) {
  if (!affinity.is_object()) return;
  validate_node_affinity(value_of(affinity, "nodeAffinity"), path.child("nodeAffinity"), out);
  validate_pod_affinity(value_of(affinity, "podAffinity"), path.child("podAffinity"), out);
  validate_pod_affinity(value_of(affinity, "podAntiAffinity"), path.child("podAntiAffinity"), out);
}

void validate_tolerations(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("tolerations");
  const auto& tolerations = items_of(spec, "tolerations");
  for (std::size_t i = 0; i < tolerations.size(); ++i) {
    const json& t = tolerations[i];
    const field_path here = path.index(i);
    const auto key = text_of(t, "key");
    const auto op = text_of(t, "operator");
    if (!key.empty()) out.check(here.child("key"), key, qualified_name_fault(key));
    if (key.empty() && op != "Exists")
      out.invalid(here.child("operator"), op,
                  "operator must be Exists when `key` is empty, which means \"match all values and "
                  "all keys\"");
    if (!value_of(t, "tolerationSeconds").is_null() && text_of(t, "effect") != "NoExecute")
      out.invalid(here.child("effect"), text_of(t, "effect"),
                  "effect must be 'NoExecute' when `tolerationSeconds` is set");
    if (op == "Exists" && !text_of(t, "value").empty())
      out.invalid(here.child("operator"), t, "value must be empty when `operator` is 'Exists'");
    if (op == "Equal" || op.empty())
      out.check(here.child("operator"), text_of(t, "value"),
                label_value_fault(text_of(t, "value")));
  }
}

}  // namespace troupe::model
