#pragma once

#include "messages/peers.hpp"

#include <caf/actor_system.hpp>

#include <functional>

namespace troupe::edge {

/// What the peer door hands out.
struct peer_handles {
  store_actor store;
  scheduling_registry_actor registry;
  mirror_source mirror;
};

/// The peer door: publishes a directory from `system`, whose configuration must be a network_config
/// under the peer CA. Ending the directory closes it.
class peer_door {
 public:
  /// Throws std::runtime_error when the address cannot be bound. Port 0: any free one.
  peer_door(caf::actor_system& system, const peer_handles& handles, const std::string& address,
            std::uint16_t port);
  ~peer_door();
  peer_door(const peer_door&) = delete;
  peer_door& operator=(const peer_door&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  directory_actor directory_;
  std::uint16_t port_ = 0;
};

/// Dials a peer door once; blocks for at most `patience`. Throws std::runtime_error that says why
/// not. `system` must come from a network_config under the peer CA.
peer_handles dial_peer(caf::actor_system& system, const std::string& host, std::uint16_t port,
                       std::chrono::milliseconds patience);

/// Calls `lost` once, on an actor's thread, when the peer goes down. The returned actor watches
/// until it is told to exit.
caf::actor watch_peer(caf::actor_system& system, const peer_handles& handles,
                      std::function<void()> lost);

}  // namespace troupe::edge
