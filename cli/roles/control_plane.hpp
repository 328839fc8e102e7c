#pragma once

#include "actors/api/api.hpp"
#include "actors/controllers/legacy_tokens.hpp"
#include "actors/store/store.hpp"
#include "cli/config/settings.hpp"
#include "cli/roles/cluster_pki.hpp"
#include "cli/roles/parts.hpp"
#include "messages/door_api.hpp"
#include "messages/scheduling.hpp"
#include "model/instruments/instruments.hpp"
#include "net/tls/jwt.hpp"
#include "store/redis_server.hpp"
#include "store/rights.hpp"

#include <filesystem>
#include <future>

namespace troupe::cli {

/// Names and addresses that a control plane is reached at.
struct public_address {
  std::string host;                ///< what others are told
  std::vector<std::string> names;  ///< of the serving certificate
};
public_address find_public_address(const settings& s);

/// The journal that the settings name; a private Redis starts in the background meanwhile.
class journal_source {
 public:
  journal_source(const settings& s, const std::filesystem::path& dir);
  /// Waits until the private Redis, if there is one, answers. Throws role_error.
  std::shared_ptr<store::journal> open();
  /// Ends the private Redis; nobody may use the journal any more.
  void stop();

 private:
  const settings& settings_;
  std::unique_ptr<store::redis_server> redis_;
  std::future<store::journal_result> started_;
};

/// What the parts of a control plane need of each other.
struct control_plane {
  std::shared_ptr<store::cache> cache;
  std::shared_ptr<store_health> health;
  std::shared_ptr<store::rights> rights;
  std::shared_ptr<const tls::token_keys> token_keys;
  std::shared_ptr<const model::token_issuer> tokens;
  token_authenticator authenticate;
  std::shared_ptr<token_use_actor> token_uses;  ///< set before a door opens
  store_actor store;
  scheduling_registry_actor registry;
  std::vector<api_server_actor> apis;
  api_actor aggregated_api;  ///< with what other servers serve, for controllers
  door_api_actor door_api;   ///< the same, for the edge door
  /// What /metrics shows, also of parts that are started later.
  std::shared_ptr<model::instruments> metrics = std::make_shared<model::instruments>();
  std::uint16_t https_port = 0;
  std::string server;           ///< URL of the HTTPS port
  std::string insecure_server;  ///< of the plain port; empty: none
  std::string edge;             ///< host:port
  std::string peer;             ///< host:port; empty: no peer door
};

/// Starts store, node registry, API actors, controllers, doors and gateway, and adds each to `all`.
/// `peers`: also the peer door; `system` must then come from a network_config under the peer CA.
/// Returns when requests are served. Throws role_error and what the parts throw.
control_plane start_control_plane(caf::actor_system& system, const settings& s,
                                  const cluster_pki& pki, journal_source& journal, bool peers,
                                  parts& all);

}  // namespace troupe::cli
