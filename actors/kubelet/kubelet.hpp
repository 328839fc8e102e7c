#pragma once

#include "messages/api.hpp"
#include "messages/events.hpp"
#include "messages/node.hpp"
#include "model/kubelet/backoff.hpp"
#include "model/kubelet/eviction_settings.hpp"
#include "model/kubelet/image_gc.hpp"
#include "model/kubelet/node_status.hpp"
#include "model/kubelet/runtime.hpp"
#include "model/time.hpp"

#include <caf/actor.hpp>
#include <caf/duration.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <optional>

namespace troupe {

class node_eyes;

/// What a kubelet is told at its start.
struct kubelet_options {
  std::string node_name;
  model::kubelet::string_map labels;  ///< beside the well-known ones
  model::json register_taints = model::json::array();
  std::string node_ip;  ///< InternalIP; empty: the address of the default route's interface
  int max_pods = 110;
  std::vector<std::string> cluster_dns;  ///< name servers of pods that ask the cluster
  std::string cluster_domain = "cluster.local";
  std::vector<std::string> allowed_unsafe_sysctls;
  std::chrono::milliseconds sync_frequency{60'000};  ///< of volumes that show objects

  std::shared_ptr<model::kubelet::runtime> runtime;
  /// What the node has; none: what the host says.
  std::optional<model::kubelet::host_info> host;
  /// Volumes and logs lie below it. Empty: nothing is written, as for simulated nodes.
  std::string data_dir;

  /// When pods go because the node lacks something, and images because nobody uses them.
  model::kubelet::eviction_settings eviction;
  model::kubelet::image_gc_policy image_gc;
  std::chrono::milliseconds image_gc_interval{300'000};
  /// Whose looks that goes by; null: the host's, or with an empty `data_dir` nobody's: then nothing
  /// goes.
  std::shared_ptr<node_eyes> eyes;
  /// Of cpu (thousandths), memory and disk (bytes) that pods do not get.
  model::kubelet::node_reserve reserve;

  api_actor api;
  node_registry_actor registry;
  /// Takes this kubelet's events and is shared with others of the process, so that its bounds are
  /// those of them all. Null: the kubelet starts one of its own.
  recorder_actor events;
  /// Runs the tasks of all of a process's simulated nodes, to some milliseconds: the system's clock
  /// wakes its thread for each. None: the system's clock.
  caf::actor timers;
  /// Of requests to the two; infinite when they live in this process.
  caf::duration request_timeout{std::chrono::seconds{10}};
  uint64_t incarnation = 1;  ///< grows with each start of this node's kubelet

  model::wall_clock clock = model::system_wall_clock();
  uint64_t seed = 0;
  std::chrono::seconds lease_duration{40};
  std::chrono::seconds lease_renewal{10};
  std::chrono::seconds status_interval{300};      ///< between posts of an unchanged node status
  std::chrono::seconds images_interval{10};       ///< of one changed in more than its conditions
  std::chrono::seconds usage_interval{15};        ///< between reports of what pods use
  std::chrono::milliseconds poll_interval{1000};  ///< of runtimes that cannot be watched
  /// A pod's status is posted this long after its first change, with all later ones.
  std::chrono::milliseconds status_delay{50};
  /// The same while the pod only begins to start, or its containers have ended and it is about to
  /// be gone: most run, or are gone, by then, and are told of once.
  std::chrono::milliseconds begin_delay{500};
  /// The same for changes of conditions and addresses alone.
  std::chrono::milliseconds condition_delay{1000};
  model::kubelet::backoff_times backoff;  ///< of crashed containers and failed pulls
};

/// Starts the agent of one node: it registers the Node, renews its Lease, attaches to the registry
/// and runs what the node's proxy assigns. Ends by an exit message; containers go on running.
kubelet_actor spawn_kubelet(caf::actor_system& system, kubelet_options options);

}  // namespace troupe
