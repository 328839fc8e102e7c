#pragma once

#include "model/object.hpp"
#include "model/pod_view.hpp"
#include "model/scheduling/filters.hpp"
#include "model/scheduling/profile.hpp"

#include <cstdint>

namespace troupe::scheduler {

/// What happened in the cluster that may help a pod that fitted nowhere. It is about a node, a pod
/// on a node, or something that volumes are made of; if about none of them, room got free
/// somewhere.
struct cluster_change {
  std::uint32_t helps = 0;    ///< plugin bits whose refusals it may lift
  std::uint64_t version = 0;  ///< of the commit

  model::object_ptr node, node_before;      ///< as it is (null: gone) and was (null: new)
  model::object_ptr pod, pod_before;        ///< the same, as far as it takes its part of a node
  model::object_ptr volume, volume_before;  ///< a claim, a volume, a storage class or a CSINode
};

/// The difference between two states of a node, as a change. Helps nothing when a scheduler would
/// judge both the same.
cluster_change node_change(const model::object_ptr& before, const model::object_ptr& after,
                           std::uint64_t version);
/// The same of a pod. Helps nothing when no other pod's chances depend on the difference.
cluster_change pod_change_of(const model::object_ptr& before, const model::object_ptr& after,
                             std::uint64_t version);
/// A claim, a volume, a storage class or a CSINode is new, another or gone.
cluster_change volume_change(const model::object_ptr& before, const model::object_ptr& after,
                             std::uint64_t version);
/// Reservations that did not become bindings have been let go of.
cluster_change released_room();

/// Whether the change may help the waiting pod, by the plugins that refused it (bits) and what each
/// goes by: kube-scheduler's queueing hints. A node that would not take the pod were it empty helps
/// only as one of a topology. `shunned`: other pods want to be apart from the pod.
bool may_help(const cluster_change& change, const model::pod_view& waiting,
              std::uint32_t refused_by, const model::profile& profile, bool shunned);

}  // namespace troupe::scheduler
