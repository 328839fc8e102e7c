#pragma once

#include "model/json.hpp"

namespace troupe::model {

// Defaults that depend on other fields, a function a kind (core/v1 defaults.go of Kubernetes 1.32).

void prepare_pod_spec(json& pod);
void default_pod(json& pod);
void prepare_pod_template_spec(json& object);  ///< template
void default_pod_template(json& object);
void prepare_workload_spec(json& object);  ///< spec.template
void default_workload(json& object);
void prepare_cron_job_spec(json& object);  ///< spec.jobTemplate.spec.template
void default_cron_job(json& object);
void default_deployment(json& deployment);
void default_daemon_set(json& set);
void default_stateful_set(json& set);
void default_replication_controller(json& controller);
void default_job(json& job);
void default_horizontal_pod_autoscaler(json& autoscaler);
void default_limit_range(json& range);
void prepare_namespace(json& ns);
void default_namespace(json& ns);
void default_node(json& node);
void default_service(json& service);
void default_secret(json& secret);  ///< stringData becomes data
void default_role_binding(json& binding);
void default_network_policy(json& policy);
void default_custom_resource(json& definition);

}  // namespace troupe::model
