#pragma once

#include "messages/scheduling.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <caf/fwd.hpp>

#include <chrono>

namespace troupe::scheduler {

struct node_registry_options {
  std::shared_ptr<store::cache> cache;  ///< of the store's own process
  store_actor store;
  model::wall_clock clock = model::system_wall_clock();
  std::chrono::milliseconds offer_interval{2};  ///< offers are coalesced for so long
  /// How long a kubelet may leave its Lease (kube-node-lease) unrenewed before its node is Unknown
  /// (node-monitor-grace-period).
  std::chrono::milliseconds grace_period{40000};
};

/// Keeps one node proxy for each Node of the cache and finds it for kubelets, the API and
/// schedulers. Ends on stop, or with its store.
scheduling_registry_actor spawn_node_registry(caf::actor_system& system,
                                              node_registry_options options);

}  // namespace troupe::scheduler
