#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// What a kind's own rules are besides its metadata and shape, a file a subject.

void validate_node(const json& node, faults& out);
void validate_node_update(const json& old, const json& node, faults& out);
void validate_node_status(const json& old, const json& node, faults& out);

void validate_namespace(const json& ns, faults& out);

void validate_config_map(const json& config_map, faults& out);
void validate_secret(const json& secret, faults& out);
/// Data under `immutable: true`; a Secret's type.
void validate_data_update(const json& old, const json& object, faults& out);

void validate_event(const json& event, faults& out);

void validate_lease(const json& lease, faults& out);

void validate_csr(const json& csr, faults& out);
void validate_csr_update(const json& old, const json& csr, faults& out);
void validate_csr_status(const json& old, const json& csr, faults& out);

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

}  // namespace troupe::model
