#pragma once

#include "model/time.hpp"
#include "model/volumes/volume.hpp"
#include "model/workload/remark.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe::model {

// How claims and volumes find each other: kube-controller-manager's persistent volume binder, one
// write at a time.

/// What is around a claim.
struct claim_surroundings {
  std::vector<const volume_facts*> volumes;  ///< of its class that are unclaimed; claimed by it
  json storage_class;                        ///< null: there is no such class
  std::string default_class;                 ///< name of the cluster's default class
  std::shared_ptr<const node_view> consumer_node;  ///< where a pod that uses it was put
  std::vector<std::string> waiting_pods;           ///< that use it and are not on a node yet
  json named_volume;                               ///< that its spec names; null: there is none
};

/// The next write that brings a claim further, if any.
struct claim_step {
  json claim;                   ///< not null: its new state
  bool status = false;          ///< ... which is one of the status
  json volume;                  ///< not null: a volume's new state
  std::string chosen;           ///< not empty: the volume to bind it to
  std::vector<remark> remarks;  ///< about the claim
};
claim_step next_claim_step(const json& claim, const claim_surroundings& around);
/// The next write that binds the claim to this volume.
claim_step bind_claim(const json& volume, const json& claim);

/// The next write that brings a volume further.
struct volume_step {
  json volume;
  bool status = false;
  bool remove = false;
  std::vector<remark> remarks;  ///< about the volume
};
/// `claim`: the object of its claimRef's name; null: there is none.
volume_step next_volume_step(const json& volume, const json& claim, time_point now);

}  // namespace troupe::model
