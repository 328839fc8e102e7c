#include "model/go_text.hpp"
#include "model/label_names.hpp"
#include "model/validation/job_policies.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

void validate_exit_values(const json& requirement, const field_path& path, faults& out) {
  constexpr std::size_t most_values = 255;
  const auto& values = items_of(requirement, "values");
  if (values.empty())
    out.invalid(path, go_list("int32", values), "at least one value is required");
  else if (values.size() > most_values)
    out.too_many(path, values.size(), most_values);
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = values[i].is_number_integer() ? values[i].get<std::int64_t>() : 0;
    if (value == 0 && text_of(requirement, "operator") == "In")
      out.invalid(path.index(i), value, "must not be 0 for the In operator");
    if (!seen.insert(value).second) out.duplicate_number(path.index(i), value);
  }
  if (!std::ranges::is_sorted(values))
    out.invalid(path, go_list("int32", values), "must be ordered");
}

bool template_has_container(const json& spec, std::string_view name) {
  const json& pod = at(spec, {"template", "spec"});
  for (const char* list : {"containers", "initContainers"})
    if (std::ranges::any_of(items_of(pod, list),
                            [&](const json& c) { return text_of(c, "name") == name; }))
      return true;
  return false;
}

void validate_exit_codes(const json& requirement, const json& spec, const field_path& path,
                         faults& out) {
  const auto op = text_of(requirement, "operator");
  if (op.empty())
    out.required(path.child("operator"), R"(valid values: ["In" "NotIn"])");
  else if (op != "In" && op != "NotIn")
    out.not_supported(path.child("operator"), op, {"In", "NotIn"});
  const json& container = value_of(requirement, "containerName");
  if (!container.is_null() && !template_has_container(spec, as_text(container)))
    out.invalid(path.child("containerName"), container,
                "must be one of the container or initContainer names in the pod template");
  validate_exit_values(requirement, path.child("values"), out);
}

void validate_conditions(const json::array_t& patterns, const field_path& path, faults& out) {
  constexpr std::size_t most_patterns = 20;
  if (patterns.size() > most_patterns) out.too_many(path, patterns.size(), most_patterns);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const field_path here = path.index(i);
    const auto type = text_of(patterns[i], "type");
    out.check(here.child("type"), type, qualified_name_fault(type));
    const auto status = text_of(patterns[i], "status");
    if (status.empty())
      out.required(here.child("status"), R"(valid values: ["False" "True" "Unknown"])");
    else if (status != "False" && status != "True" && status != "Unknown")
      out.not_supported(here.child("status"), status, {"False", "True", "Unknown"});
  }
}

void validate_rule(const json& rule, const json& spec, const field_path& path, faults& out) {
  const auto action = text_of(rule, "action");
  const field_path action_path = path.child("action");
  if (action.empty())
    out.required(action_path, R"(valid values: ["Count" "FailIndex" "FailJob" "Ignore"])");
  else if (action == "FailIndex" && value_of(spec, "backoffLimitPerIndex").is_null())
    out.invalid(action_path, action, "requires the backoffLimitPerIndex to be set");
  else if (action != "Count" && action != "FailIndex" && action != "FailJob" && action != "Ignore")
    out.not_supported(action_path, action, {"Count", "FailIndex", "FailJob", "Ignore"});
  const json& codes = value_of(rule, "onExitCodes");
  const auto& conditions = items_of(rule, "onPodConditions");
  if (codes.is_object()) validate_exit_codes(codes, spec, path.child("onExitCodes"), out);
  validate_conditions(conditions, path.child("onPodConditions"), out);
  if (codes.is_object() && !conditions.empty())
    out.invalid(path, "specifying both OnExitCodes and OnPodConditions is not supported");
  if (!codes.is_object() && conditions.empty())
    out.invalid(path, "specifying one of OnExitCodes and OnPodConditions is required");
}

}  // namespace

void validate_pod_failure_policy(const json& spec, const field_path& path, faults& out) {
  constexpr std::size_t most_rules = 20;
  const field_path rules_path = path.child("rules");
  const auto& rules = items_of(value_of(spec, "podFailurePolicy"), "rules");
  if (rules.size() > most_rules) out.too_many(rules_path, rules.size(), most_rules);
  for (std::size_t i = 0; i < rules.size(); ++i)
    validate_rule(rules[i], spec, rules_path.index(i), out);
}

}  // namespace troupe::model
