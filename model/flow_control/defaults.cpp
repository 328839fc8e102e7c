#include "model/flow_control/defaults.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::model {
namespace {

constexpr const char* auto_update = "apf.kubernetes.io/autoupdate-spec";
constexpr const char* api_version = "flowcontrol.apiserver.k8s.io/v1";

json made(const char* kind, std::string_view name, json spec) {
  return {{"apiVersion", api_version},
          {"kind", kind},
          {"metadata", {{"name", name}, {"annotations", {{auto_update, "true"}}}}},
          {"spec", std::move(spec)}};
}

json exempt_level() {
  return made(
      "PriorityLevelConfiguration", "exempt",
      {{"type", "Exempt"}, {"exempt", {{"nominalConcurrencyShares", 0}, {"lendablePercent", 0}}}});
}

json rejecting_level(std::string_view name, int shares) {
  return made("PriorityLevelConfiguration", name,
              {{"type", "Limited"},
               {"limited",
                {{"nominalConcurrencyShares", shares},
                 {"lendablePercent", 0},
                 {"limitResponse", {{"type", "Reject"}}}}}});
}

json queueing_level(std::string_view name, int shares, int lendable, int queues, int hand) {
  return made(
      "PriorityLevelConfiguration", name,
      {{"type", "Limited"},
       {"limited",
        {{"nominalConcurrencyShares", shares},
         {"lendablePercent", lendable},
         {"limitResponse",
          {{"type", "Queue"},
           {"queuing", {{"queues", queues}, {"handSize", hand}, {"queueLengthLimit", 50}}}}}}}});
}

json users(std::initializer_list<const char*> names) {
  json out = json::array();
  for (const auto* name : names) out.push_back({{"kind", "User"}, {"user", {{"name", name}}}});
  return out;
}
json groups(std::initializer_list<const char*> names) {
  json out = json::array();
  for (const auto* name : names) out.push_back({{"kind", "Group"}, {"group", {{"name", name}}}});
  return out;
}
json system_accounts(std::initializer_list<const char*> names) {
  json out = json::array();
  for (const auto* name : names)
    out.push_back({{"kind", "ServiceAccount"},
                   {"serviceAccount", {{"name", name}, {"namespace", "kube-system"}}}});
  return out;
}
json both(json a, const json& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

json rule_of_resources(json verbs, const char* group, json resources, bool cluster = false) {
  json out{{"verbs", std::move(verbs)},
           {"apiGroups", {group}},
           {"resources", std::move(resources)},
           {"namespaces", {"*"}}};
  if (cluster) out["clusterScope"] = true;
  return out;
}

json rules(json subjects, json resource_rules, json path_rules = json::array()) {
  json rule{{"subjects", std::move(subjects)}};
  if (!resource_rules.empty()) rule["resourceRules"] = std::move(resource_rules);
  if (!path_rules.empty()) rule["nonResourceRules"] = std::move(path_rules);
  return json::array({std::move(rule)});
}

json all_of(json subjects) {
  return rules(std::move(subjects), json::array({rule_of_resources({"*"}, "*", {"*"}, true)}),
               json::array({{{"verbs", {"*"}}, {"nonResourceURLs", {"*"}}}}));
}

json schema(std::string_view name, std::string_view level, int precedence,
            std::string_view distinguisher, json with_rules) {
  json spec{{"priorityLevelConfiguration", {{"name", level}}},
            {"matchingPrecedence", precedence},
            {"rules", std::move(with_rules)}};
  if (!distinguisher.empty()) spec["distinguisherMethod"] = {{"type", distinguisher}};
  return made("FlowSchema", name, std::move(spec));
}

std::vector<json> make_defaults() {
  const json leads{"get", "create", "update"};
  const auto everybody = groups({"system:unauthenticated", "system:authenticated"});
  const auto system_all = system_accounts({"*"});
  return {
      exempt_level(),
      rejecting_level("catch-all", 5),
      queueing_level("node-high", 40, 25, 64, 6),
      queueing_level("system", 30, 33, 64, 6),
      queueing_level("leader-election", 10, 0, 16, 4),
      queueing_level("workload-high", 40, 50, 128, 6),
      queueing_level("workload-low", 100, 90, 128, 6),
      queueing_level("global-default", 20, 50, 128, 6),

      schema("exempt", "exempt", 1, "", all_of(groups({"system:masters"}))),
      schema("probes", "exempt", 2, "",
             rules(everybody, json::array(),
                   json::array({{{"verbs", {"get"}},
                                 {"nonResourceURLs", {"/healthz", "/readyz", "/livez"}}}}))),
      schema("system-leader-election", "leader-election", 100, "ByUser",
             rules(both(users({"system:kube-controller-manager", "system:kube-scheduler"}),
                        system_all),
                   json::array({rule_of_resources(leads, "coordination.k8s.io", {"leases"})}))),
      schema(
          "endpoint-controller", "workload-high", 150, "ByUser",
          rules(both(users({"system:kube-controller-manager"}),
                     system_accounts({"endpoint-controller", "endpointslicemirroring-controller"})),
                json::array({rule_of_resources(leads, "", {"endpoints"})}))),
      schema("workload-leader-election", "leader-election", 200, "ByUser",
             rules(system_all,
                   json::array({rule_of_resources(leads, "coordination.k8s.io", {"leases"})}))),
      schema("system-node-high", "node-high", 400, "ByUser",
             rules(groups({"system:nodes"}),
                   json::array({rule_of_resources({"*"}, "", {"nodes", "nodes/status"}, true),
                                rule_of_resources({"*"}, "coordination.k8s.io", {"leases"})}))),
      schema("system-nodes", "system", 500, "ByUser", all_of(groups({"system:nodes"}))),
      schema("kube-controller-manager", "workload-high", 800, "ByNamespace",
             all_of(users({"system:kube-controller-manager"}))),
      schema("kube-scheduler", "workload-high", 800, "ByNamespace",
             all_of(users({"system:kube-scheduler"}))),
      schema("kube-system-service-accounts", "workload-high", 900, "ByNamespace",
             all_of(system_all)),
      schema("service-accounts", "workload-low", 9000, "ByUser",
             all_of(groups({"system:serviceaccounts"}))),
      schema("global-default", "global-default", 9900, "ByUser", all_of(everybody)),
      schema("catch-all", "catch-all", 10000, "ByUser", all_of(everybody)),
  };
}

}  // namespace

const std::vector<json>& default_flow_objects() {
  static const std::vector<json> all = make_defaults();
  return all;
}

std::optional<json> reconciled_flow_object(const json& stored, const json& wanted) {
  const auto name = string_at(wanted, {"metadata", "name"});
  const bool mandatory = name == "exempt" || name == "catch-all";
  const auto says = string_at(stored, {"metadata", "annotations", auto_update});
  if (!mandatory && says != "true") return std::nullopt;
  json out = stored;
  out["spec"] = wanted["spec"];
  out["metadata"]["annotations"][auto_update] = "true";
  if (out == stored) return std::nullopt;
  return out;
}

}  // namespace troupe::model
