#include "model/defaults/kinds.hpp"
#include "model/defaults/members.hpp"

#include <limits>

namespace troupe::model {
namespace {

/// Labels of the pods, where there are any.
json* template_labels(json& spec) {
  json* tmpl = member(spec, "template");
  json* metadata = tmpl ? member(*tmpl, "metadata") : nullptr;
  json* labels = metadata ? member(*metadata, "labels") : nullptr;
  return labels && !labels->empty() ? labels : nullptr;
}

void label_as_template(json& object, const json& labels) {
  json& own = object["metadata"]["labels"];
  if (own.empty()) own = labels;
}

/// The strategy's type, and its rollingUpdate when that is the type.
json* rolling_update(json& spec, const char* strategy_name) {
  json* strategy = object_member(spec, strategy_name);
  if (!strategy) return nullptr;
  json& type = (*strategy)["type"];
  if (type.is_null() || type == "") type = "RollingUpdate";
  return type == "RollingUpdate" ? object_member(*strategy, "rollingUpdate") : nullptr;
}

}  // namespace

void prepare_workload_spec(json& object) {
  if (json* spec = object_member(object, "spec")) prepare_pod_template_spec(*spec);
}

void default_workload(json& object) {
  if (json* spec = member(object, "spec")) default_pod_template(*spec);
}

void prepare_cron_job_spec(json& object) {
  json* spec = object_member(object, "spec");
  json* job = spec ? object_member(*spec, "jobTemplate") : nullptr;
  if (job) prepare_workload_spec(*job);
}

void default_cron_job(json& object) {
  if (json* spec = member(object, "spec"))
    if (json* job = member(*spec, "jobTemplate")) default_workload(*job);
}

void default_deployment(json& deployment) {
  default_workload(deployment);
  json* spec = member(deployment, "spec");
  json* rolling = spec ? rolling_update(*spec, "strategy") : nullptr;
  if (!rolling) return;
  set_missing(*rolling, "maxUnavailable", "25%");
  set_missing(*rolling, "maxSurge", "25%");
}

void default_daemon_set(json& set) {
  default_workload(set);
  json* spec = member(set, "spec");
  json* rolling = spec ? rolling_update(*spec, "updateStrategy") : nullptr;
  if (!rolling) return;
  set_missing(*rolling, "maxUnavailable", 1);
  set_missing(*rolling, "maxSurge", 0);
}

void default_stateful_set(json& set) {
  default_workload(set);
  json* spec = member(set, "spec");
  if (!spec || !spec->is_object()) return;
  if (json* strategy = object_member(*spec, "updateStrategy")) {
    json& type = (*strategy)["type"];
    if (type.is_null() || type == "") {
      type = "RollingUpdate";
      object_member(*strategy, "rollingUpdate");
    }
    json* rolling = member(*strategy, "rollingUpdate");
    if (type == "RollingUpdate" && rolling && rolling->is_object())
      set_missing(*rolling, "partition", 0);
  }
  if (json* retention = object_member(*spec, "persistentVolumeClaimRetentionPolicy"))
    for (const char* name : {"whenDeleted", "whenScaled"}) {
      json& policy = (*retention)[name];
      if (policy.is_null() || policy == "") policy = "Retain";
    }
  each_object(*spec, "volumeClaimTemplates", [](json& claim) {
    claim["apiVersion"] = "v1";
    claim["kind"] = "PersistentVolumeClaim";
    if (json* status = object_member(claim, "status")) set_missing(*status, "phase", "Pending");
  });
}

void default_replication_controller(json& controller) {
  json* spec = member(controller, "spec");
  if (!spec || !spec->is_object()) return;
  default_pod_template(*spec);
  const json* labels = template_labels(*spec);
  if (!labels) return;
  json& selector = (*spec)["selector"];
  if (selector.empty()) selector = *labels;
  label_as_template(controller, *labels);
}

void default_job(json& job) {
  default_workload(job);
  json* spec = member(job, "spec");
  if (!spec || !spec->is_object()) return;
  // A job that says nothing of either is one pod; one with parallelism alone is a work queue.
  if (!spec->contains("parallelism")) set_missing(*spec, "completions", 1);
  set_missing(*spec, "parallelism", 1);
  set_missing(
      *spec, "backoffLimit",
      spec->contains("backoffLimitPerIndex") ? std::numeric_limits<std::int32_t>::max() : 6);
  set_missing(*spec, "completionMode", "NonIndexed");
  set_missing(*spec, "suspend", false);
  set_missing(*spec, "manualSelector", false);
  set_missing(*spec, "podReplacementPolicy",
              spec->contains("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  if (const json* labels = template_labels(*spec)) label_as_template(job, *labels);
}

}  // namespace troupe::model
