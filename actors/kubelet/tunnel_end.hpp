#pragma once

#include "messages/tunnel.hpp"
#include "model/kubelet/tunnel.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>

namespace troupe {

/// The kubelet's end of a tunnel, on its way up: what the runtime's side says goes to the actor.
struct tunnel_end {
  tunnel_actor actor;
  model::kubelet::tunnel_events events;
  /// The runtime has opened its side; once.
  std::function<void(std::shared_ptr<model::kubelet::tunnel>)> opened;
};

/// Passes frames between `peer`, which knows the tunnel by `id`, and the runtime. Ends with the
/// tunnel and when the peer goes down.
tunnel_end spawn_tunnel_end(caf::actor_system& system, std::uint64_t id, tunnel_actor peer);

}  // namespace troupe
