#pragma once

#include "model/json.hpp"
#include "model/request_info.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::model::rbac {

/// A rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1 PolicyRule): what it names is
/// allowed, in every combination.
struct policy_rule {
  std::vector<std::string> verbs;
  std::vector<std::string> groups;     ///< "" is the core group
  std::vector<std::string> resources;  ///< "pods", "pods/log", "*/scale", "*"
  std::vector<std::string> names;      ///< resourceNames; empty: all
  std::vector<std::string> paths;      ///< nonResourceURLs: "/healthz", "/healthz/*", "*"
  bool operator==(const policy_rule&) const = default;
};

policy_rule read_rule(const json& rule);
/// The `rules` of a role.
std::vector<policy_rule> read_rules(const json& role);
json to_json(const policy_rule& rule);

/// Whether the rule allows the request.
bool allows(const policy_rule& rule, const request_info& what);

/// Which of `wanted` the rules `held` do not allow, joined again by verbs (Kubernetes' Covers and
/// CompactRules): what somebody would give away without having it.
std::vector<policy_rule> not_covered(const std::vector<policy_rule>& held,
                                     const std::vector<policy_rule>& wanted);

/// `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`
std::string compact_text(const policy_rule& rule);

}  // namespace troupe::model::rbac
