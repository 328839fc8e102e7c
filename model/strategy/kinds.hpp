#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

namespace troupe::model {

// What a kind's registry strategy does besides the rules that hold for all kinds, a file a subject:
// on create, on an update of anything but status, and on an update of status.

/// The first status, the fields of features that are off, AppArmor's older annotations.
void prepare_pod(json& pod);
void prepare_pod_update(const json& old, json& pod);
void prepare_pod_status(const json& old, json& pod, time_point now);

/// `template` and `spec.template`: the fields of features that are off.
void prepare_pod_template(json& object);
void prepare_pod_template_update(const json& old, json& object);
void prepare_workload(json& object);
void prepare_workload_update(const json& old, json& object);

/// The template's generation, which apps/v1 keeps in an annotation.
void prepare_daemon_set(json& set);
void prepare_daemon_set_update(const json& old, json& set);

void prepare_stateful_set(json& set);
void prepare_stateful_set_update(const json& old, json& set);

/// The selector and the labels of its pods.
void prepare_job(json& job);
void prepare_cron_job(json& job);
void prepare_cron_job_update(const json& old, json& job);

}  // namespace troupe::model
