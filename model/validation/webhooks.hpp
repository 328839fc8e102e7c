#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// What webhook configurations, admission policies, API services and CRDs share.

/// operations, apiGroups, apiVersions, resources and scope of a rule.
void validate_rule_with_operations(const json& rule, const field_path& path, faults& out);
/// CEL expressions are not compiled: a name that is qualified, an expression that is not empty.
void validate_match_conditions(const json& owner, const field_path& owner_path, faults& out);
/// `service` of a webhook's clientConfig.
void validate_webhook_service(const json& service, const field_path& path, faults& out);
void validate_webhook_url(std::string_view url, const field_path& path, faults& out);
/// Exactly one of url and service.
void validate_client_config(const json& config, const field_path& path, faults& out);
void validate_failure_policy(const json& owner, const field_path& path, faults& out);
void validate_match_policy(const json& owner, const field_path& path, faults& out);

}  // namespace troupe::model
