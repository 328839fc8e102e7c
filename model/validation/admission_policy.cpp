#include "model/go_text.hpp"
#include "model/label_names.hpp"
#include "model/validation/custom_resource.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"
#include "model/validation/webhooks.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t most_annotations = 20;
constexpr std::size_t longest_value_expression = 5u << 10;

void validate_param_kind(const json& kind, const field_path& path, faults& out) {
  const field_path version_path = path.child("apiVersion");
  const auto api_version = text_of(kind, "apiVersion");
  const auto slash = api_version.find('/');
  const auto group = slash == api_version.npos ? std::string_view() : api_version.substr(0, slash);
  const auto version = slash == api_version.npos ? api_version : api_version.substr(slash + 1);
  if (api_version.empty()) {
    out.required(version_path);
  } else if (version.find('/') != version.npos) {
    out.invalid(version_path, api_version,
                "unexpected GroupVersion string: " + std::string(api_version));
  } else {
    if (const auto fault = dns_subdomain_fault(group); !group.empty() && !fault.empty())
      out.invalid(version_path, group, comma_joined(fault));
    if (version.empty())
      out.invalid(version_path, api_version, "version must be specified");
    else if (const auto fault = dns_1035_label_fault(version); !fault.empty())
      out.invalid(version_path, version, comma_joined(fault));
  }
  const auto name = text_of(kind, "kind");
  if (name.empty())
    out.required(path.child("kind"));
  else if (const auto fault = dns_1035_label_fault(lower_case(name)); !fault.empty())
    out.invalid(path.child("kind"), name,
                "may have mixed case, but should otherwise match: " + comma_joined(fault));
}

void validate_named_rules(const json& resources, const char* list, const field_path& path,
                          faults& out) {
  const field_path rules_path = path.child(list);
  const auto& rules = items_of(resources, list);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const field_path here = rules_path.index(i);
    const field_path names_path = here.child("resourceNames");
    const auto& names = items_of(rules[i], "resourceNames");
    distinct seen;
    for (std::size_t k = 0; k < names.size(); ++k) {
      const auto name = as_text(names[k]);
      out.check(names_path.index(k), name, path_segment_fault(name));
      seen.add(name, names_path.index(k), out);
    }
    validate_rule_with_operations(rules[i], here, out);
  }
}

void validate_match_resources(const json& resources, const field_path& path, faults& out) {
  if (resources.is_null()) return;
  if (value_of(resources, "matchPolicy").is_null()) out.required(path.child("matchPolicy"));
  validate_match_policy(resources, path, out);
  for (const char* name : {"namespaceSelector", "objectSelector"}) {
    const json& selector = value_of(resources, name);
    if (selector.is_null()) out.required(path.child(name));
    validate_label_selector(selector, path.child(name), out);
  }
  validate_named_rules(resources, "resourceRules", path, out);
  validate_named_rules(resources, "excludeResourceRules", path, out);
}

bool is_cel_identifier(std::string_view name) {
  constexpr std::string_view reserved[] = {
      "true",     "false",   "null",      "in",       "as",  "break",  "const",
      "continue", "else",    "for",       "function", "if",  "import", "let",
      "loop",     "package", "namespace", "return",   "var", "void",   "while"};
  const auto letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); }) &&
         std::ranges::find(reserved, name) == std::end(reserved);
}

/// What a policy's expressions may use; each of its variables sees those before it.
struct policy_scope {
  std::map<std::string, cel::type_ptr, std::less<>> variables;
  expression_scope expressions;

  explicit policy_scope(const json& spec) {
    expressions.params = !value_of(spec, "paramKind").is_null();
    expressions.variables = &variables;
  }
  policy_scope(const policy_scope&) = delete;
  policy_scope& operator=(const policy_scope&) = delete;
};

void validate_variables(const json& spec, policy_scope& scope, const field_path& spec_path,
                        faults& out) {
  const field_path path = spec_path.child("variables");
  const auto& variables = items_of(spec, "variables");
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const field_path here = path.index(i);
    const auto name = text_of(variables[i], "name");
    if (trimmed(name).empty())
      out.required(here.child("name"), "name is not specified");
    else if (!is_cel_identifier(name))
      out.invalid(here.child("name"), name, "name is not a valid CEL identifier");
    if (trimmed(text_of(variables[i], "expression")).empty())
      out.required(here.child("expression"), "expression is not specified");
    const auto found =
        validate_expression(variables[i], "expression", scope.expressions, {}, here, out);
    scope.variables[std::string(name)] = variable_type(found);
  }
}

void validate_validation(const policy_scope& scope, const json& validation, const field_path& path,
                         faults& out) {
  using cel::type_kind;
  validate_expression(validation, "expression", scope.expressions, {type_kind::boolean}, path, out);
  // Messages are made without asking what somebody may.
  expression_scope of_messages = scope.expressions;
  of_messages.authorizer = false;
  validate_expression(validation, "messageExpression", of_messages, {type_kind::text}, path, out);
  if (trimmed(text_of(validation, "expression")).empty())
    out.required(path.child("expression"), "expression is not specified");
  const auto expression = text_of(validation, "messageExpression");
  if (!expression.empty() && trimmed(expression).empty())
    out.invalid(path.child("messageExpression"), expression, "must be non-empty if specified");
  const auto message = text_of(validation, "message");
  if (!message.empty() && trimmed(message).empty())
    out.invalid(path.child("message"), message, "message must be non-empty if specified");
  else if (trimmed(message).find_first_of("\r\n") != message.npos)
    out.invalid(path.child("message"), message, "message must not contain line breaks");
  const json& reason = value_of(validation, "reason");
  constexpr std::string_view reasons[] = {"Forbidden", "Invalid", "RequestEntityTooLarge",
                                          "Unauthorized"};
  if (!reason.is_null() && std::ranges::find(reasons, as_text(reason)) == std::end(reasons))
    out.not_supported(path.child("reason"), as_text(reason), reasons);
}

void validate_annotations(const json& policy, const json& spec, const policy_scope& scope,
                          const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("auditAnnotations");
  const auto& annotations = items_of(spec, "auditAnnotations");
  if (annotations.size() > most_annotations)
    out.invalid(path, value_of(spec, "auditAnnotations"),
                "must not have more than 20 auditAnnotations");
  const std::string policy_name = string_at(policy, {"metadata", "name"});
  distinct keys;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const field_path here = path.index(i);
    const auto key = text_of(annotations[i], "key");
    if (policy_name.empty()) {
      out.invalid(here.child("key"), key, "requires metadata.name be non-empty");
    } else {
      const std::string name = policy_name + "/" + std::string(key);
      out.check(here.child("key"), name, qualified_name_fault(name));
    }
    const auto expression = trimmed(text_of(annotations[i], "valueExpression"));
    if (expression.empty())
      out.required(here.child("valueExpression"), "valueExpression is not specified");
    else if (expression.size() > longest_value_expression)
      out.required(here.child("valueExpression"), "must not exceed 5120 bytes in length");
    else
      validate_expression(annotations[i], "valueExpression", scope.expressions,
                          {cel::type_kind::text, cel::type_kind::null}, here, out);
    keys.add(key, here.child("key"), out);
  }
}

void validate_param_ref(const json& ref, const field_path& path, faults& out) {
  constexpr std::string_view both = "name and selector are mutually exclusive";
  if (ref.is_null()) return;
  const auto name = text_of(ref, "name");
  const json& selector = value_of(ref, "selector");
  if (!name.empty()) out.check(path.child("name"), name, path_segment_fault(name));
  if (!name.empty() && !selector.is_null()) out.forbidden(path.child("name"), both);
  validate_label_selector(selector, path.child("selector"), out);
  if (!name.empty() && !selector.is_null()) out.forbidden(path.child("selector"), both);
  if (name.empty() && selector.is_null())
    out.required(path, "one of name or selector must be specified");
  const field_path action_path = path.child("parameterNotFoundAction");
  const auto action = text_of(ref, "parameterNotFoundAction");
  if (action.empty())
    out.required(action_path);
  else if (action != "Allow" && action != "Deny")
    out.not_supported(action_path, action, {"Deny", "Allow"});
}

void validate_actions(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("validationActions");
  const auto& actions = items_of(spec, "validationActions");
  distinct seen;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const auto action = as_text(actions[i]);
    if (action != "Audit" && action != "Deny" && action != "Warn")
      out.not_supported(path.index(i), action, {"Audit", "Deny", "Warn"});
    seen.add(action, path.index(i), out);
  }
  if (has_text(actions, "Deny") && has_text(actions, "Warn"))
    out.invalid(
        path,
        go_list("admissionregistration.ValidationAction", value_of(spec, "validationActions")),
        "must not contain both Deny and Warn (repeating the same validation failure information in "
        "the API response and headers serves no purpose)");
  if (actions.empty()) out.required(path, "at least one validation action is required");
}

}  // namespace

void validate_admission_policy(const json& policy, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(policy, "spec");
  if (value_of(spec, "failurePolicy").is_null()) out.required(path.child("failurePolicy"));
  validate_failure_policy(spec, path, out);
  if (const json& kind = value_of(spec, "paramKind"); !kind.is_null())
    validate_param_kind(kind, path.child("paramKind"), out);
  const field_path constraints_path = path.child("matchConstraints");
  const json& constraints = value_of(spec, "matchConstraints");
  if (constraints.is_null()) {
    out.required(constraints_path);
  } else {
    validate_match_resources(constraints, constraints_path, out);
    if (items_of(constraints, "resourceRules").empty())
      out.required(constraints_path.child("resourceRules"));
  }
  policy_scope scope(spec);
  expression_scope of_conditions = scope.expressions;
  of_conditions.variables = nullptr;
  validate_match_conditions(spec, of_conditions, path, out);
  validate_variables(spec, scope, path, out);
  const auto& validations = items_of(spec, "validations");
  if (validations.empty() && items_of(spec, "auditAnnotations").empty()) {
    constexpr std::string_view why =
        "validations or auditAnnotations must contain at least one item";
    out.required(path.child("validations"), why);
    return out.required(path.child("auditAnnotations"), why);
  }
  const field_path validations_path = path.child("validations");
  for (std::size_t i = 0; i < validations.size(); ++i)
    validate_validation(scope, validations[i], validations_path.index(i), out);
  validate_annotations(policy, spec, scope, path, out);
}

void validate_admission_policy_binding(const json& binding, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(binding, "spec");
  const auto name = text_of(spec, "policyName");
  if (name.empty())
    out.required(path.child("policyName"));
  else
    out.check(path.child("policyName"), name, dns_subdomain_fault(name));
  validate_param_ref(value_of(spec, "paramRef"), path.child("paramRef"), out);
  // Kubernetes misspells the field in its faults.
  validate_match_resources(value_of(spec, "matchResources"), path.child("matchResouces"), out);
  validate_actions(spec, path, out);
}

}  // namespace troupe::model
