#include "model/validation/label_selector.hpp"

#include "model/label_names.hpp"
#include "model/selector.hpp"
#include "model/validation/metadata.hpp"

namespace troupe::model {
namespace {

void validate_requirement(const json& requirement, const field_path& path, faults& out) {
  const auto op = text_of(requirement, "operator");
  const auto& values = items_of(requirement, "values");
  const field_path values_path = path.child("values");
  if (op == "In" || op == "NotIn") {
    if (values.empty())
      out.required(values_path, "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty())
      out.forbidden(values_path,
                    "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else {
    out.invalid(path.child("operator"), op, "not a valid selector operator");
  }
  const auto key = text_of(requirement, "key");
  out.check(path.child("key"), key, qualified_name_fault(key));
  for (std::size_t i = 0; i < values.size(); ++i)
    out.check(values_path.index(i), as_text(values[i]), label_value_fault(as_text(values[i])));
}

}  // namespace

void validate_label_selector(const json& selector, const field_path& path, faults& out) {
  if (!selector.is_object()) return;
  validate_labels(members_of(selector, "matchLabels"), path.child("matchLabels"), out);
  const field_path expressions_path = path.child("matchExpressions");
  const auto& expressions = items_of(selector, "matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i)
    validate_requirement(expressions[i], expressions_path.index(i), out);
}

selection select_labels(const json& selector, const json& labels) {
  if (!selector.is_object()) return {};
  std::string fault;
  const auto parsed = label_selector::from_json(selector, fault);
  if (!parsed) return {.valid = false};
  string_pairs pairs;
  if (labels.is_object())
    for (const auto& [key, value] : labels.items()) pairs.emplace_back(key, as_text(value));
  return {.selects = parsed->matches(pairs)};
}

bool is_empty_selector(const json& selector) {
  return members_of(selector, "matchLabels").empty() &&
         items_of(selector, "matchExpressions").empty();
}

}  // namespace troupe::model
