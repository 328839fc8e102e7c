#pragma once

#include "model/object.hpp"
#include "model/time.hpp"
#include "model/workload/pod_facts.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::model {

/// Holds a Job's pod until it is counted.
inline constexpr const char* job_tracking_finalizer = "batch.kubernetes.io/job-tracking";
inline constexpr const char* job_index_annotation = "batch.kubernetes.io/job-completion-index";
inline constexpr const char* job_failures_annotation =
    "batch.kubernetes.io/job-index-failure-count";
inline constexpr const char* job_ignored_failures_annotation =
    "batch.kubernetes.io/job-index-ignored-failure-count";

/// Whether the pod has the finalizer: it is not counted yet.
bool tracked_by_job(const object& pod);

/// What a Job's controller reads of a pod.
struct job_pod : pod_facts {
  explicit job_pod(const object& pod);

  bool tracked = false;               ///< tracked_by_job()
  std::optional<std::int64_t> index;  ///< of its completion
  std::int64_t failures = 0;          ///< of its index before it: those that count
  std::int64_t ignored_failures = 0;  ///< and those that do not
  std::int64_t all_restarts = 0;      ///< of its containers
  /// When it ended: its last container did; or it became unready; or was deleted; or was made.
  time_point finished;

  bool succeeded() const { return phase == "Succeeded"; }
};

/// What a Job's podFailurePolicy says about a failed pod (the first rule that matches).
struct pod_failure {
  std::string action;   ///< "" when no rule matches: it counts
  std::string message;  ///< FailJob: why the Job fails
  bool counts() const { return action != "Ignore"; }
};
pod_failure judge_pod_failure(const json& policy, const object& pod);

}  // namespace troupe::model
