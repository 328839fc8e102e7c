#pragma once

#include "model/object.hpp"
#include "model/selector.hpp"
#include "model/time.hpp"
#include "model/workload/job_pod.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::model {

/// What is read of a Job: object::view<job_spec>().
struct job_spec {
  explicit job_spec(const object& job);

  std::int64_t parallelism = 1;
  std::optional<std::int64_t> completions;
  bool indexed = false;
  std::int64_t backoff_limit = 6;
  std::optional<std::int64_t> backoff_limit_per_index;
  std::optional<std::int64_t> max_failed_indexes;
  std::optional<std::chrono::seconds> active_deadline;
  bool suspended = false;
  bool restarts_containers = false;  ///< the template's restartPolicy is OnFailure
  /// Pods that are being deleted are replaced (and count as failed) only once they have ended.
  bool replaces_failed_only = false;
  bool deleting = false;
  bool managed_elsewhere = false;  ///< spec.managedBy names another controller
  json failure_policy;             ///< spec.podFailurePolicy or null
  json success_policy;             ///< spec.successPolicy or null
  json template_;                  ///< PodTemplateSpec
  json status;
  std::string name;
  std::optional<label_selector> selector;

  /// Whether the pod is of one of the completions of an Indexed Job; any pod is of another's.
  bool has_place_for(const job_pod& pod) const {
    return !indexed || (pod.index && *pod.index < completions.value_or(0));
  }
  /// Whether the pod is over without success.
  bool failed(const job_pod& pod) const {
    return pod.phase == "Failed" || (!replaces_failed_only && pod.deleting && !pod.succeeded());
  }
};

/// The pod that a Job makes next; for completion `index` of an Indexed Job, where `replaced`
/// failed before.
json pod_of_job(const job_spec& job, const object& stored, std::optional<std::int64_t> index,
                const object* replaced);

}  // namespace troupe::model
