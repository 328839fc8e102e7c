#pragma once

#include "model/json.hpp"
#include "model/object.hpp"

#include <optional>
#include <vector>

namespace troupe::model {

/// What other roles take from a ClusterRole.
struct role_rules {
  explicit role_rules(const object& role) : rules(at(role.parse(), {"rules"})) {}
  bool operator==(const role_rules&) const = default;
  json rules;
};

/// The selectors of the roles that a role collects.
std::vector<json> role_selectors(const json& role);

/// The rules that a role collects from others, in their order, each once. Nothing when it has just
/// these.
std::optional<json> aggregated_rules(const json& role, const std::vector<const role_rules*>& from);

}  // namespace troupe::model
