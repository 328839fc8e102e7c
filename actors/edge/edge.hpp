#pragma once

#include "messages/door_api.hpp"
#include "messages/edge.hpp"
#include "messages/system_config.hpp"
#include "model/time.hpp"
#include "net/tls/pki.hpp"

#include <caf/actor_system.hpp>

#include <filesystem>
#include <memory>

namespace troupe::edge {

/// Files of a certificate, its key and the CA that others must come from.
struct tls_files {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path ca;
};

/// A CAF configuration for mutual TLS between processes, with heartbeats. Throws tls::pki_error
/// when one of the files is missing or unreadable: CAF would go on without encryption.
struct network_config : system_config {
  explicit network_config(const tls_files& files, std::size_t threads = 0);
};

struct edge_door_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  tls_files files;         ///< serving certificate; the cluster CA
  door_api_actor api;
  node_registry_actor registry;  ///< null: nobody can attach
  std::size_t max_sessions = 6000;
  model::wall_clock clock = model::system_wall_clock();
};

/// The door for workers and the command line: an actor system of its own, in which nothing but the
/// door and its sessions can be reached.
class edge_door {
 public:
  /// Opens. Throws std::runtime_error when the address cannot be bound.
  explicit edge_door(const edge_door_options& options);
  /// Ends all sessions and closes.
  ~edge_door();
  edge_door(const edge_door&) = delete;
  edge_door& operator=(const edge_door&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
  std::uint16_t port_ = 0;
};

using ready_atom = caf::atom_constant<caf::atom("ready")>;

/// The other end: stands in for the API and the node registry of the control plane.
using link_actor = api_actor::extend_with<node_registry_actor>::extend<
    /// True when logged in, waiting for it; the error when the door refuses the certificate, or,
    /// without redialing, when nobody answers.
    caf::replies_to<ready_atom>::with<bool>,
    /// Time to dial again.
    caf::reacts_to<tick_atom>>;

struct link_options {
  std::string host;
  std::uint16_t port = 0;
  tls_files files;  ///< client certificate; the cluster CA
  std::uint64_t incarnation = 0;
  std::uint64_t seed = 0;  ///< of the jitter in pauses
  std::chrono::milliseconds first_pause{50};
  std::chrono::milliseconds longest_pause{5'000};
  std::chrono::milliseconds request_timeout{10'000};
  bool redial = true;  ///< false: one attempt
};

/// `system` must come from a network_config with the same files.
link_actor spawn_link(caf::actor_system& system, link_options options);

}  // namespace troupe::edge
