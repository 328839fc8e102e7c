#pragma once

#include "model/hooks/expression_types.hpp"
#include "model/validation/path.hpp"

#include <initializer_list>
#include <string>

namespace troupe::model {

// What webhook configurations, admission policies, API services and CRDs share.

/// operations, apiGroups, apiVersions, resources and scope of a rule.
void validate_rule_with_operations(const json& rule, const field_path& path, faults& out);
/// A CEL expression that can be read, with good types, that comes to one of `results`; to anything
/// where there are none. An empty one is passed over. Its type; null where it is bad.
cel::type_ptr validate_expression(const json& holder, const char* member,
                                  const expression_scope& scope,
                                  std::initializer_list<cel::type_kind> results,
                                  const field_path& path, faults& out);
/// A name that is qualified, an expression that is not empty.
void validate_match_conditions(const json& owner, const expression_scope& scope,
                               const field_path& owner_path, faults& out);
/// `service` of a webhook's clientConfig.
void validate_webhook_service(const json& service, const field_path& path, faults& out);
void validate_webhook_url(std::string_view url, const field_path& path, faults& out);
/// Exactly one of url and service.
void validate_client_config(const json& config, const field_path& path, faults& out);
void validate_failure_policy(const json& owner, const field_path& path, faults& out);
void validate_match_policy(const json& owner, const field_path& path, faults& out);

}  // namespace troupe::model
