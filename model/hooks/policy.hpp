#pragma once

#include "model/hooks/hook.hpp"
#include "model/object.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace troupe::model {

// ValidatingAdmissionPolicy: rules in CEL about requests, put into force by bindings.

/// What a rule of a policy demands.
struct policy_validation {
  std::shared_ptr<const cel::program> expression, message_expression;
  std::string text, message, reason;
};

struct policy_variable {
  std::string name;
  std::shared_ptr<const cel::program> expression;
};

/// What a policy has written down about a request.
struct policy_annotation {
  std::string key, text;
  std::shared_ptr<const cel::program> expression;
};

struct admission_policy {
  std::string name;
  admission_match match;
  std::vector<match_condition> conditions;
  std::vector<policy_variable> variables;
  std::vector<policy_validation> validations;
  std::vector<policy_annotation> annotations;
  bool fails_closed = true;
  std::string param_api_version, param_kind;  ///< of paramKind; empty without
};

struct policy_binding {
  std::string name, policy;
  admission_match match;
  bool restricted = false;  ///< has matchResources of its own
  bool denies = false, warns = false, audits = false;
  std::vector<std::string> actions;  ///< as they are written
  bool refers_to_params = false;     ///< has a paramRef
  std::string param_name, param_namespace;
  label_selector param_selector;
  bool selects_params = false;
  bool needs_params = false;  ///< parameterNotFoundAction Deny
};

admission_policy read_policy(const json& policy);
policy_binding read_binding(const json& binding);

/// What policies look things up by.
struct policy_world {
  /// The labels of a namespace.
  std::function<string_pairs(const std::string& ns)> labels;
  std::function<json(const std::string& ns)> namespace_object;
  /// Whether objects of a kind are in namespaces; nothing where no such kind is served.
  std::function<std::optional<bool>(const std::string& api_version, const std::string& kind)>
      params_in_namespaces;
  /// The objects of a kind, in `ns` where it is namespaced; one by name, or all.
  std::function<std::vector<json>(const std::string& api_version, const std::string& kind,
                                  const std::string& ns, const std::string& name)>
      params;
  const authorizer* rights = nullptr;  ///< what `authorizer` asks; null: there is none
};

/// What the policies in force say against a request: the first refusal, and all warnings and notes
/// for the audit log: a policy's own are called "POLICY/KEY".
struct policy_verdict {
  std::optional<status> refused;
  std::vector<std::string> warnings;
  std::map<std::string, std::string> audit_annotations;
};
policy_verdict judge_by_policies(const std::map<std::string, admission_policy>& policies,
                                 const std::vector<policy_binding>& bindings, const hook_request& r,
                                 const policy_world& world);

}  // namespace troupe::model
