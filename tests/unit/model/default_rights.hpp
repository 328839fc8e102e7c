#pragma once

#include "model/authorizer.hpp"
#include "model/cluster_role_aggregation.hpp"
#include "model/node_authorizer.hpp"
#include "model/rbac/defaults.hpp"
#include "model/rbac/index.hpp"

#include <algorithm>

namespace troupe::model {

/// The rights of a new cluster, its aggregated roles filled; every node's pods refer to everything.
class default_rights : public authorizer {
 public:
  default_rights() {
    for (json o : rbac::default_objects()) {
      if (o.contains("aggregationRule")) o["rules"] = collected(o["aggregationRule"]);
      add(std::move(o));
    }
  }

  void add(json o) {
    std::string kind = o["kind"];
    std::ranges::transform(kind, kind.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    index.put(*seal(encode(kind + "s.rbac.authorization.k8s.io", o), 1));
  }

  opinion decide(const subject& who, const request_info& what) const override {
    if (who.in(masters_group) || index.allows(who, what, nullptr)) return {true, {}};
    if (node_of(who).empty()) return {};
    return authorize_node(node_of(who), what, [](auto, auto, auto) { return true; });
  }
  held_rules rules_of(const subject& who, std::string_view ns) const override {
    return {index.rules_of(who, ns, nullptr), !node_of(who).empty(), {}};
  }
  std::optional<std::vector<rbac::policy_rule>> rules_of_role(
      std::string_view resource, std::string_view ns, std::string_view name) const override {
    const auto* rules = index.rules_of_role(resource, ns, name);
    if (!rules) return std::nullopt;
    return *rules;
  }

  rbac::index index;

 private:
  // As the controller does it: selectors of one label; what is collected may collect, too.
  static json collected(const json& rule) {
    json out = json::array();
    const json& wanted = rule["clusterRoleSelectors"][0]["matchLabels"];
    for (const json& o : rbac::default_objects()) {
      const json& labels = o["metadata"]["labels"];
      for (const auto& [key, value] : wanted.items())
        if (labels.contains(key) && labels[key] == value)
          for (const json& r :
               o.contains("aggregationRule") ? collected(o["aggregationRule"]) : o["rules"])
            out.push_back(r);
    }
    return out;
  }
};

}  // namespace troupe::model
