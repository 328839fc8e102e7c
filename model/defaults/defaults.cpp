#include "model/defaults/defaults.hpp"

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
      {"pods", {nullptr, default_pod}},
      {"podtemplates", {nullptr, default_pod_template}},
      {"namespaces", {prepare_namespace, default_namespace}},
      {"nodes", {nullptr, default_node}},
      {"services", {nullptr, default_service}},
      {"replicationcontrollers", {nullptr, default_workload}},
      {"deployments.apps", {nullptr, default_workload}},
      {"daemonsets.apps", {nullptr, default_workload}},
      {"statefulsets.apps", {nullptr, default_workload}},
      {"replicasets.apps", {nullptr, default_workload}},
      {"jobs.batch", {nullptr, default_workload}},
      {"cronjobs.batch", {nullptr, default_cron_job}},
  };
  return all;
}

}  // namespace

void apply_defaults(const kind_info& kind, json& document) {
  if (!document.is_object()) return;
  const auto found = rules_by_resource().find(kind.resource);
  const rules own = found == rules_by_resource().end() ? rules{} : found->second;
  if (own.before) own.before(document);
  if (const default_plan* plan = plan_of(*kind.type)) plan->apply(document);
  if (own.after) own.after(document);
}

}  // namespace troupe::model
