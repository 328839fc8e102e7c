#pragma once

#include "model/json.hpp"
#include "model/rbac/policy_rule.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace troupe::model::rbac {

/// The roles and bindings of every cluster (defaults.txt), as the documents to create: ClusterRoles
/// and Roles, then what binds them. Those of Roles are in kube-system and kube-public.
const std::vector<json>& default_objects();

/// The rules of a default ClusterRole; none when there is none.
std::vector<policy_rule> default_rules(std::string_view cluster_role);

/// What of a default a start brings back into the object that is there: rules, subjects, labels and
/// annotations that are missing. Nothing when all is there, or when the object says
/// rbac.authorization.kubernetes.io/autoupdate: "false". A binding to another role is for the
/// caller to replace, see binds_another().
std::optional<json> reconciled(const json& stored, const json& wanted);
/// Whether the binding that is there leads to another role and may be replaced.
bool binds_another(const json& stored, const json& wanted);

}  // namespace troupe::model::rbac
