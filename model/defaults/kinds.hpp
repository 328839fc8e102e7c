#pragma once

#include "model/json.hpp"

namespace troupe::model {

// Defaults that depend on other fields, a function a kind (core/v1 defaults.go of Kubernetes 1.32).

void default_pod(json& pod);
void default_pod_template(json& object);  ///< template
void default_workload(json& object);      ///< spec.template
void default_cron_job(json& object);      ///< spec.jobTemplate.spec.template
void prepare_namespace(json& ns);
void default_namespace(json& ns);
void default_node(json& node);
void default_service(json& service);

}  // namespace troupe::model
