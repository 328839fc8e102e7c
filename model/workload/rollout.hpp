#pragma once

#include "model/workload/deployment.hpp"

namespace troupe::model {

/// One write of a Deployment's reconciliation.
struct rollout_step {
  enum class kind : std::uint8_t {
    create,  ///< the new ReplicaSet; `body` is the whole of it
    update,  ///< a ReplicaSet; `body` is a merge patch
    remove   ///< an old ReplicaSet
  };
  kind what = kind::update;
  std::string name;  ///< of the ReplicaSet
  std::string uid;   ///< unless it is created
  json body;
  std::string told;  ///< the text of the Event ScalingReplicaSet; empty: none
};

/// What is to be done for a Deployment, in this order: the steps, as long as they go well, then the
/// status.
struct rollout_plan {
  std::vector<rollout_step> steps;
  json status;                     ///< when all steps went well
  std::string revision;            ///< the Deployment's annotation; empty: as it is
  std::optional<time_point> wake;  ///< to be looked at again then, whatever happens
};

/// Plans as kube's syncDeployment. `sets`: the ReplicaSets that the Deployment controls.
/// `sets_with_pods`: uids of ReplicaSets with pods that have not ended (Recreate waits for those).
/// `owner_reference`: of the ReplicaSet that may be created.
rollout_plan plan_rollout(const deployment_view& d, rollout_sets sets,
                          const std::vector<std::string>& sets_with_pods,
                          const json& owner_reference, time_point now);

/// The status when the new ReplicaSet could not be created because its name is taken: the next
/// attempt gets another name.
json status_after_collision(const deployment_view& d);
/// ... and when it failed otherwise.
json status_after_failure(const deployment_view& d, const std::string& message, time_point now);

}  // namespace troupe::model
