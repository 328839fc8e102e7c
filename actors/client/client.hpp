#pragma once

#include "messages/api.hpp"
#include "messages/events.hpp"
#include "model/json.hpp"
#include "model/lease.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

using follow_atom = caf::atom_constant<caf::atom("follow")>;

/// A process's copy of what it follows of a cluster elsewhere. It passes requests on; a write to a
/// resource that it follows is answered when the copy shows it, as in the control plane's process.
using follower_actor = api_actor::extend_with<stream_sink>::extend<
    /// Follows these resources ("pods", "widgets.example.com"), too. True when all that there is of
    /// them is in the cache: as long as one is not served or may not be watched, there is no
    /// answer.
    caf::replies_to<follow_atom, std::vector<std::string>>::with<bool>, caf::reacts_to<tick_atom>>;

struct follower_options {
  api_actor api;                        ///< where requests go
  std::shared_ptr<store::cache> cache;  ///< this actor alone applies to it
  std::string ns;                       ///< what is followed of namespaced resources; empty: all
  std::uint64_t seed = 0;               ///< of stream ids and of the jitter in pauses
  std::chrono::milliseconds first_pause{100};  ///< before a watch that failed is tried again
  std::chrono::milliseconds longest_pause{10'000};
  /// How long the answer to a write waits for the copy to show it.
  std::chrono::milliseconds write_patience{5'000};
};

follower_actor spawn_follower(caf::actor_system& system, follower_options options);

/// Takes part in an election by a Lease, as client-go's LeaderElector does, until it is told to
/// stop or has lost what it led. stop_atom gives the Lease back.
using elector_actor = caf::typed_actor<caf::reacts_to<tick_atom>, caf::reacts_to<stop_atom>>;

struct elector_options {
  api_actor api;
  model::leader_election::options election;
  std::string agent = "leader-election";  ///< user agent: the field manager of the Lease
  model::wall_clock clock = model::system_wall_clock();
  std::uint64_t seed = 0;   ///< of the jitter with which a Lease is asked for
  recorder_actor recorder;  ///< null: no Event says who leads
  /// Called by the actor when it leads, and when it does not any more, which is for good.
  std::function<void()> started;
  std::function<void(const std::string& why)> lost;
};

elector_actor spawn_elector(caf::actor_system& system, elector_options options);

/// Where a resource is served.
struct served_resource {
  std::string api_version;  ///< "v1", "apps/v1"
  std::string plural;
  bool namespaced = true;

  /// Of a namespace, or of all.
  std::string collection(const std::string& ns) const;
  std::string object(const std::string& ns, const std::string& name) const;
};

/// A built-in one ("deployments.apps"); nothing when it is none.
std::optional<served_resource> built_in_resource(const std::string& resource);

/// One of a custom kind, in the first version of its group that serves it, by the answer to a GET
/// of /apis that accepts `aggregated_discovery`.
std::optional<served_resource> discovered_resource(const model::json& groups,
                                                   const std::string& resource);
inline constexpr const char* aggregated_discovery =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

}  // namespace troupe
