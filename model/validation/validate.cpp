#include "model/validation/validate.hpp"

#include "model/custom/judge.hpp"
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
  /// The rules say all there is to say: what the schema calls required or lists is left to them.
  bool whole = false;
};

constexpr bool whole = true;

/// For kinds of which nothing but metadata is checked.
void nothing_more(const json&, faults&) {}

const rules& rules_of(const kind_info& kind) {
  static const rules none;
  static const std::unordered_map<std::string_view, rules> all = {
      {"pods", {validate_pod, validate_pod_update, validate_pod_status_update}},
      {"nodes", {validate_node, validate_node_update, validate_node_update, whole}},
      {"namespaces", {validate_namespace, nullptr, validate_namespace_status, whole}},
      {"configmaps", {validate_config_map, validate_config_map_update, nullptr, whole}},
      {"secrets", {validate_secret, validate_secret_update, nullptr, whole}},
      {"serviceaccounts", {nothing_more, nullptr, nullptr, whole}},
      {"events", {validate_event, validate_event_update, nullptr, whole}},
      {"services", {validate_service, validate_service_update, validate_service_status, whole}},
      {"endpoints", {validate_endpoints, nullptr, nullptr, whole}},
      {"persistentvolumes",
       {validate_persistent_volume, validate_persistent_volume_update, nullptr, whole}},
      {"persistentvolumeclaims",
       {validate_claim, validate_claim_update, validate_claim_status, whole}},
      {"leases.coordination.k8s.io", {validate_lease, nullptr, nullptr, whole}},
      {"certificatesigningrequests.certificates.k8s.io",
       {validate_csr, validate_csr_update, validate_csr_status, whole}},
      {"endpointslices.discovery.k8s.io",
       {validate_endpoint_slice, validate_endpoint_slice_update, nullptr, whole}},
      {"ingresses.networking.k8s.io",
       {validate_ingress, validate_ingress_update, validate_ingress_status, whole}},
      {"ingressclasses.networking.k8s.io",
       {validate_ingress_class, validate_ingress_class_update, nullptr, whole}},
      {"networkpolicies.networking.k8s.io", {validate_network_policy, nullptr, nullptr, whole}},
      {"storageclasses.storage.k8s.io",
       {validate_storage_class, validate_storage_class_update, nullptr, whole}},
      {"csidrivers.storage.k8s.io",
       {validate_csi_driver, validate_csi_driver_update, nullptr, whole}},
      {"csinodes.storage.k8s.io", {validate_csi_node, validate_csi_node_update, nullptr, whole}},
      {"csistoragecapacities.storage.k8s.io",
       {validate_storage_capacity, validate_storage_capacity_update, nullptr, whole}},
      {"volumeattachments.storage.k8s.io",
       {validate_volume_attachment, validate_volume_attachment_update, nullptr, whole}},
      {"roles.rbac.authorization.k8s.io", {validate_role, nullptr, nullptr, whole}},
      {"clusterroles.rbac.authorization.k8s.io", {validate_cluster_role, nullptr, nullptr, whole}},
      {"rolebindings.rbac.authorization.k8s.io",
       {validate_role_binding, validate_role_binding_update, nullptr, whole}},
      {"clusterrolebindings.rbac.authorization.k8s.io",
       {validate_cluster_role_binding, validate_cluster_role_binding_update, nullptr, whole}},
      {"mutatingwebhookconfigurations.admissionregistration.k8s.io",
       {validate_webhook_configuration, nullptr, nullptr, whole}},
      {"validatingwebhookconfigurations.admissionregistration.k8s.io",
       {validate_webhook_configuration, nullptr, nullptr, whole}},
      {"validatingadmissionpolicies.admissionregistration.k8s.io",
       {validate_admission_policy, nullptr, nullptr, whole}},
      {"validatingadmissionpolicybindings.admissionregistration.k8s.io",
       {validate_admission_policy_binding, nullptr, nullptr, whole}},
      {"customresourcedefinitions.apiextensions.k8s.io",
       {validate_custom_resource, validate_custom_resource_update, validate_custom_resource_status,
        whole}},
      {"apiservices.apiregistration.k8s.io",
       {validate_api_service, nullptr, validate_api_service_status, whole}},
      {"flowschemas.flowcontrol.apiserver.k8s.io",
       {validate_flow_schema, nullptr, validate_flow_control_status, whole}},
      {"prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
       {validate_priority_level, nullptr, validate_flow_control_status, whole}},
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
  if (const custom_version* custom = custom_of(kind))
    return with_custom_faults(*custom, object, nullptr, out.take());
  const rules& own = rules_of(kind);
  if (!own.whole) validate_shape(*kind.type, object, out);
  if (own.create) own.create(object, out);
  return out.take();
}

std::vector<cause> validate_update(const kind_info& kind, const json& old, const json& object) {
  faults out;
  validate_metadata_update(value_of(old, "metadata"), value_of(object, "metadata"), out);
  validate_metadata(kind, value_of(object, "metadata"), out);
  if (const custom_version* custom = custom_of(kind))
    return with_custom_faults(*custom, object, &old, out.take());
  const rules& own = rules_of(kind);
  if (!own.whole) validate_shape(*kind.type, object, out);
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
  if (const custom_version* custom = custom_of(kind))
    return with_custom_faults(*custom, object, &old, out.take());
  if (const auto rule = rules_of(kind).status) rule(old, object, out);
  return out.take();
}

std::vector<cause> validate_approval_update(const kind_info& kind, const json& old,
                                            const json& csr) {
  faults out;
  validate_metadata_update(value_of(old, "metadata"), value_of(csr, "metadata"), out);
  validate_metadata(kind, value_of(csr, "metadata"), out);
  validate_csr_approval(old, csr, out);
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
