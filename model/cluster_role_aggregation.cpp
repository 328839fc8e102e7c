#include "model/cluster_role_aggregation.hpp"

#include <algorithm>

namespace troupe::model {

std::vector<json> role_selectors(const json& role) {
  const json& list = at(role, {"aggregationRule", "clusterRoleSelectors"});
  return {list.begin(), list.end()};
}

std::optional<json> aggregated_rules(const json& role, const std::vector<const role_rules*>& from) {
  json out = json::array();
  for (const role_rules* r : from)
    for (const json& rule : r->rules)
      if (std::find(out.begin(), out.end(), rule) == out.end()) out.push_back(rule);
  const json& now = at(role, {"rules"});
  if (out == now || (out.empty() && now.empty())) return std::nullopt;
  return out;
}

}  // namespace troupe::model
