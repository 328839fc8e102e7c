#pragma once

#include "model/workload/deployment.hpp"

namespace troupe::model {

// Revisions of a Deployment: annotations of its ReplicaSets, by which `kubectl rollout` finds its
// way.

std::int64_t max_revision(const rollout_sets& sets);

/// Brings the annotations of the new ReplicaSet up to date (kube's SetNewReplicaSetAnnotations):
/// those of the Deployment, and `revision` when it is newer. One that had a revision before,
/// because of a rollback, keeps that in its history.
void take_annotations(const deployment_view& d, json& annotations, std::int64_t revision);

/// The old ReplicaSets that are to go: without pods, and of the lowest revisions beyond `limit`.
std::vector<const rollout_set*> beyond_history(const rollout_sets& old, std::int64_t limit);

}  // namespace troupe::model
