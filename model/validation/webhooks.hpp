#pragma once

#include "model/validation/path.hpp"

#include <set>
#include <string>

namespace troupe::model {

// What webhook configurations, admission policies, API services and CRDs share.

/// operations, apiGroups, apiVersions, resources and scope of a rule.
void validate_rule_with_operations(const json& rule, const field_path& path, faults& out);
/// The names that expressions may use.
using expression_names = std::set<std::string, std::less<>>;
/// A CEL expression that can be read and uses no other names than these; an empty one is passed
/// over.
void validate_expression(const json& holder, const char* member, const expression_names& names,
                         const field_path& path, faults& out);
/// A name that is qualified, an expression that is not empty.
void validate_match_conditions(const json& owner, const field_path& owner_path, faults& out);
/// `service` of a webhook's clientConfig.
void validate_webhook_service(const json& service, const field_path& path, faults& out);
void validate_webhook_url(std::string_view url, const field_path& path, faults& out);
/// Exactly one of url and service.
void validate_client_config(const json& config, const field_path& path, faults& out);
void validate_failure_policy(const json& owner, const field_path& path, faults& out);
void validate_match_policy(const json& owner, const field_path& path, faults& out);

}  // namespace troupe::model
