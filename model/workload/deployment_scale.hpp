#pragma once

#include "model/workload/deployment.hpp"

namespace troupe::model {

/// A ReplicaSet is to want another number of pods.
struct set_scale {
  std::string name;
  std::int64_t from = 0;
  std::int64_t to = 0;
  /// How it is told: also when only the annotations about the Deployment's size change.
  bool up = false;
};

// The functions below take the new ReplicaSet (null when there is none yet) and the old ones, by
// age, and change them as if the scales they return had been carried out.

/// What the new ReplicaSet may have at once (kube's NewRSNewReplicas): of a new one, `wanted` is 0.
std::int64_t new_set_replicas(const deployment_view& d, std::int64_t total, std::int64_t wanted);

/// Whether the Deployment's size has changed since the ReplicaSets were last scaled.
bool is_scaling(const deployment_view& d, const rollout_set* fresh, const rollout_sets& old);

/// The Deployment was scaled, or is paused: the one active ReplicaSet follows; in the middle of a
/// rollout all do in proportion to their size.
std::vector<set_scale> scale_proportionally(const deployment_view& d, rollout_set* fresh,
                                            rollout_sets& old);

/// One step of a rolling update: up as far as maxSurge lets, or else down as far as maxUnavailable
/// lets, unhealthy pods first. Nothing: the rest has to wait.
std::vector<set_scale> roll(const deployment_view& d, rollout_set& fresh, rollout_sets& old);

/// All of the old ReplicaSets to nothing.
std::vector<set_scale> scale_down_all(rollout_sets& old);

}  // namespace troupe::model
