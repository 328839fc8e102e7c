#pragma once

#include "model/workload/deployment.hpp"

namespace troupe::model {

// The status of a Deployment, and what its conditions tell of a rollout.

/// The condition Progressing for what has just been done: it is told when the Deployment has a
/// progress deadline. Conditions of the same status and reason stay as they are.
void set_progressing(const deployment_view& d, json& status, std::string_view value,
                     std::string_view reason, const std::string& message, time_point now);

/// Pausing and resuming stop the clock of the progress deadline. True when that was news.
bool set_paused(const deployment_view& d, json& status, time_point now);

/// Counts, observedGeneration and the condition Available (kube's calculateStatus). `before`: the
/// status so far.
json counted_status(const deployment_view& d, const json& before, const rollout_set* fresh,
                    const rollout_sets& old, time_point now);

/// The same with the progress of a rollout: Progressing, ReplicaFailure (kube's
/// syncRolloutStatus).
json rollout_status(const deployment_view& d, const json& before, const rollout_set* fresh,
                    const rollout_sets& old, time_point now);

/// All pods are of the newest template and available (kube's DeploymentComplete).
bool is_complete(const deployment_view& d, const json& status);

/// When a rollout that makes no progress is to be looked at: at its deadline.
std::optional<time_point> deadline_of(const deployment_view& d, const json& status);

}  // namespace troupe::model
