#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// What a kind's own rules are besides its metadata and shape, a file a subject.

void validate_node(const json& node, faults& out);
void validate_node_update(const json& old, const json& node, faults& out);

void validate_namespace(const json& ns, faults& out);
void validate_namespace_status(const json& old, const json& ns, faults& out);

void validate_config_map(const json& config_map, faults& out);
void validate_config_map_update(const json& old, const json& config_map, faults& out);
void validate_secret(const json& secret, faults& out);
void validate_secret_update(const json& old, const json& secret, faults& out);

void validate_event(const json& event, faults& out);
void validate_event_update(const json& old, const json& event, faults& out);

void validate_lease(const json& lease, faults& out);

void validate_csr(const json& csr, faults& out);
void validate_csr_update(const json& old, const json& csr, faults& out);
void validate_csr_status(const json& old, const json& csr, faults& out);
void validate_csr_approval(const json& old, const json& csr, faults& out);

void validate_deployment(const json& deployment, faults& out);
void validate_deployment_update(const json& old, const json& deployment, faults& out);
void validate_deployment_status(const json& old, const json& deployment, faults& out);
void validate_replica_set(const json& set, faults& out);
void validate_replica_set_update(const json& old, const json& set, faults& out);
void validate_replica_set_status(const json& old, const json& set, faults& out);
void validate_daemon_set(const json& set, faults& out);
void validate_daemon_set_update(const json& old, const json& set, faults& out);
void validate_daemon_set_status(const json& old, const json& set, faults& out);
void validate_stateful_set(const json& set, faults& out);
void validate_stateful_set_update(const json& old, const json& set, faults& out);
void validate_stateful_set_status(const json& old, const json& set, faults& out);
void validate_controller_revision(const json& revision, faults& out);
void validate_controller_revision_update(const json& old, const json& revision, faults& out);

void validate_job(const json& job, faults& out);
void validate_job_update(const json& old, const json& job, faults& out);
void validate_job_status(const json& old, const json& job, faults& out);
void validate_cron_job(const json& job, faults& out);
void validate_cron_job_update(const json& old, const json& job, faults& out);

void validate_replication_controller(const json& controller, faults& out);
void validate_replication_controller_status(const json& old, const json& controller, faults& out);
void validate_pod_template_object(const json& object, faults& out);

void validate_horizontal_pod_autoscaler(const json& autoscaler, faults& out);
void validate_horizontal_pod_autoscaler_update(const json& old, const json& autoscaler,
                                               faults& out);
void validate_horizontal_pod_autoscaler_status(const json& old, const json& autoscaler,
                                               faults& out);
void validate_pod_disruption_budget(const json& budget, faults& out);
void validate_pod_disruption_budget_status(const json& old, const json& budget, faults& out);
void validate_resource_quota(const json& quota, faults& out);
void validate_resource_quota_update(const json& old, const json& quota, faults& out);
void validate_resource_quota_status(const json& old, const json& quota, faults& out);
void validate_limit_range(const json& range, faults& out);
void validate_priority_class(const json& priority, faults& out);
void validate_priority_class_update(const json& old, const json& priority, faults& out);
void validate_runtime_class(const json& runtime, faults& out);
void validate_runtime_class_update(const json& old, const json& runtime, faults& out);

void validate_service(const json& service, faults& out);
void validate_service_update(const json& old, const json& service, faults& out);
void validate_service_status(const json& old, const json& service, faults& out);
void validate_endpoints(const json& endpoints, faults& out);
void validate_endpoint_slice(const json& slice, faults& out);
void validate_endpoint_slice_update(const json& old, const json& slice, faults& out);

void validate_ingress(const json& ingress, faults& out);
void validate_ingress_update(const json& old, const json& ingress, faults& out);
void validate_ingress_status(const json& old, const json& ingress, faults& out);
void validate_ingress_class(const json& ingress_class, faults& out);
void validate_ingress_class_update(const json& old, const json& ingress_class, faults& out);
void validate_network_policy(const json& policy, faults& out);

void validate_persistent_volume(const json& volume, faults& out);
void validate_persistent_volume_update(const json& old, const json& volume, faults& out);
void validate_claim(const json& claim, faults& out);
void validate_claim_update(const json& old, const json& claim, faults& out);
void validate_claim_status(const json& old, const json& claim, faults& out);

void validate_storage_class(const json& storage_class, faults& out);
void validate_storage_class_update(const json& old, const json& storage_class, faults& out);
void validate_csi_driver(const json& driver, faults& out);
void validate_csi_driver_update(const json& old, const json& driver, faults& out);
void validate_csi_node(const json& node, faults& out);
void validate_csi_node_update(const json& old, const json& node, faults& out);
void validate_storage_capacity(const json& capacity, faults& out);
void validate_storage_capacity_update(const json& old, const json& capacity, faults& out);
void validate_volume_attachment(const json& attachment, faults& out);
void validate_volume_attachment_update(const json& old, const json& attachment, faults& out);

void validate_role(const json& role, faults& out);
void validate_cluster_role(const json& role, faults& out);
void validate_role_binding(const json& binding, faults& out);
void validate_role_binding_update(const json& old, const json& binding, faults& out);
void validate_cluster_role_binding(const json& binding, faults& out);
void validate_cluster_role_binding_update(const json& old, const json& binding, faults& out);

void validate_webhook_configuration(const json& configuration, faults& out);
void validate_admission_policy(const json& policy, faults& out);
void validate_admission_policy_binding(const json& binding, faults& out);

void validate_custom_resource(const json& definition, faults& out);
void validate_custom_resource_update(const json& old, const json& definition, faults& out);
void validate_custom_resource_status(const json& old, const json& definition, faults& out);
void validate_api_service(const json& service, faults& out);
void validate_api_service_status(const json& old, const json& service, faults& out);

void validate_flow_schema(const json& schema, faults& out);
void validate_priority_level(const json& level, faults& out);
/// The conditions of either.
void validate_flow_control_status(const json& old, const json& object, faults& out);

}  // namespace troupe::model
