#include "model/validation/validate.hpp"

#include "model/validation/kinds.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/path.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/shape.hpp"

#include <unordered_map>

namespace troupe::model {
namespace {

using create_rule = void (*)(const json& object, faults& out);
using update_rule = void (*)(const json& old, const json& object, faults& out);

struct rules {
  create_rule create = nullptr;
  update_rule update = nullptr;  ///< null: an update is checked as a creation is
  update_rule status = nullptr;
};

void validate_config_map_update(const json& old, const json& config_map, faults& out) {
  validate_data_update(old, config_map, out);
  validate_config_map(config_map, out);
}

void validate_secret_update(const json& old, const json& secret, faults& out) {
  validate_data_update(old, secret, out);
  validate_secret(secret, out);
}

const rules& rules_of(const kind_info& kind) {
  static const rules none;
  static const std::unordered_map<std::string_view, rules> all = {
      {"pods", {validate_pod, validate_pod_update, validate_pod_status_update}},
      {"nodes", {validate_node, validate_node_update, validate_node_status}},
      {"namespaces", {validate_namespace}},
      {"configmaps", {validate_config_map, validate_config_map_update}},
      {"secrets", {validate_secret, validate_secret_update}},
      {"events", {validate_event}},
      {"leases.coordination.k8s.io", {validate_lease}},
      {"certificatesigningrequests.certificates.k8s.io",
       {validate_csr, validate_csr_update, validate_csr_status}},
      {"services", {validate_service, validate_service_update}},
      {"podtemplates", {validate_pod_template_object}},
      {"replicationcontrollers",
       {validate_replication_controller, nullptr, validate_replication_controller_status}},
      {"deployments.apps",
       {validate_deployment, validate_deployment_update, validate_deployment_status}},
      {"replicasets.apps",
       {validate_replica_set, validate_replica_set_update, validate_replica_set_status}},
      {"daemonsets.apps",
       {validate_daemon_set, validate_daemon_set_update, validate_daemon_set_status}},
      {"statefulsets.apps",
       {validate_stateful_set, validate_stateful_set_update, validate_stateful_set_status}},
      {"controllerrevisions.apps",
       {validate_controller_revision, validate_controller_revision_update}},
      {"jobs.batch", {validate_job, validate_job_update, validate_job_status}},
      {"cronjobs.batch", {validate_cron_job, validate_cron_job_update}},
      {"horizontalpodautoscalers.autoscaling",
       {validate_horizontal_pod_autoscaler, validate_horizontal_pod_autoscaler_update,
        validate_horizontal_pod_autoscaler_status}},
      {"poddisruptionbudgets.policy",
       {validate_pod_disruption_budget, nullptr, validate_pod_disruption_budget_status}},
      {"resourcequotas",
       {validate_resource_quota, validate_resource_quota_update, validate_resource_quota_status}},
      {"limitranges", {validate_limit_range}},
      {"priorityclasses.scheduling.k8s.io",
       {validate_priority_class, validate_priority_class_update}},
      {"runtimeclasses.node.k8s.io", {validate_runtime_class, validate_runtime_class_update}},
  };
  const auto found = all.find(kind.resource);
  return found == all.end() ? none : found->second;
}

}  // namespace

std::vector<cause> validate_create(const kind_info& kind, const json& object) {
  faults out;
  validate_metadata(kind, value_of(object, "metadata"), out);
  validate_shape(*kind.type, object, out);
  if (const auto rule = rules_of(kind).create) rule(object, out);
  return out.take();
}

std::vector<cause> validate_update(const kind_info& kind, const json& old, const json& object) {
  faults out;
  validate_metadata_update(value_of(old, "metadata"), value_of(object, "metadata"), out);
  validate_metadata(kind, value_of(object, "metadata"), out);
  validate_shape(*kind.type, object, out);
  const rules& own = rules_of(kind);
  if (own.update)
    own.update(old, object, out);
  else if (own.create)
    own.create(object, out);
  return out.take();
}

std::vector<cause> validate_status_update(const kind_info& kind, const json& old,
                                          const json& object) {
  faults out;
  validate_metadata_update(value_of(old, "metadata"), value_of(object, "metadata"), out);
  validate_metadata(kind, value_of(object, "metadata"), out);
  if (const auto rule = rules_of(kind).status) rule(old, object, out);
  return out.take();
}

std::vector<cause> validate_binding(const json& binding) {
  static constexpr std::string_view targets[] = {"Node", "<empty>"};
  faults out;
  const field_path path("target");
  const json& target = value_of(binding, "target");
  if (const auto kind = text_of(target, "kind"); !kind.empty() && kind != "Node")
    out.not_supported(path.child("kind"), kind, targets);
  if (text_of(target, "name").empty()) out.required(path.child("name"));
  return out.take();
}

}  // namespace troupe::model
