#include "model/defaults/defaults.hpp"

#include "model/conversion.hpp"
#include "model/custom/document.hpp"
#include "model/custom/kinds.hpp"
#include "model/defaults/kinds.hpp"
#include "model/defaults/plan.hpp"

#include <unordered_map>

namespace troupe::model {
namespace {

using rule = void (*)(json&);

/// Rules by storage resource, in two rounds around the plan: `before` makes what the plan fills in,
/// `after` reads what it filled in.
struct rules {
  rule before = nullptr;
  rule after = nullptr;
};

const std::unordered_map<std::string_view, rules>& rules_by_resource() {
  static const std::unordered_map<std::string_view, rules> all = {
      {"pods", {prepare_pod_spec, default_pod}},
      {"podtemplates", {prepare_pod_template_spec, default_pod_template}},
      {"namespaces", {prepare_namespace, default_namespace}},
      {"nodes", {nullptr, default_node}},
      {"services", {nullptr, default_service}},
      {"secrets", {default_secret}},
      {"rolebindings.rbac.authorization.k8s.io", {nullptr, default_role_binding}},
      {"clusterrolebindings.rbac.authorization.k8s.io", {nullptr, default_role_binding}},
      {"networkpolicies.networking.k8s.io", {nullptr, default_network_policy}},
      {"customresourcedefinitions.apiextensions.k8s.io", {nullptr, default_custom_resource}},
      {"replicationcontrollers", {nullptr, default_replication_controller}},
      {"deployments.apps", {prepare_workload_spec, default_deployment}},
      {"daemonsets.apps", {prepare_workload_spec, default_daemon_set}},
      {"statefulsets.apps", {prepare_workload_spec, default_stateful_set}},
      {"replicasets.apps", {prepare_workload_spec, default_workload}},
      {"jobs.batch", {prepare_workload_spec, default_job}},
      {"cronjobs.batch", {prepare_cron_job_spec, default_cron_job}},
      {"horizontalpodautoscalers.autoscaling", {nullptr, default_horizontal_pod_autoscaler}},
      {"limitranges", {nullptr, default_limit_range}},
  };
  return all;
}

}  // namespace

void apply_defaults(const kind_info& kind, json& document) {
  if (!document.is_object()) return;
  if (const custom_version* custom = custom_of(kind))
    return set_defaults(custom->schema(), document);
  const auto found = rules_by_resource().find(kind.resource);
  // A version that is not the one judged has the defaults of its own fields only.
  const bool known = found != rules_by_resource().end() && &judged_as(kind) == &kind;
  const rules own = known ? found->second : rules{};
  if (own.before) own.before(document);
  if (const default_plan* plan = plan_of(*kind.type)) plan->apply(document);
  if (own.after) own.after(document);
}

}  // namespace troupe::model
