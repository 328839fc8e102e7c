#pragma once

#include "messages/api_server.hpp"
#include "messages/door_api.hpp"
#include "model/audit.hpp"
#include "model/authorizer.hpp"
#include "model/instruments/instruments.hpp"
#include "model/time.hpp"
#include "net/http/server.hpp"
#include "net/rest/health.hpp"
#include "store/cache.hpp"

#include <caf/fwd.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

struct gateway_options {
  /// Listeners and limits. Who comes in by a listener without TLS is system:masters.
  http::server_options http;
  std::shared_ptr<store::cache> cache;
  std::vector<api_server_actor> apis;  ///< take turns with the requests that are no reads
  /// Who a bearer token speaks for; nothing when it is not valid. Must not block. Null: no tokens.
  std::function<std::optional<user_info>(std::string_view token)> authenticate;
  /// What users may do; null: what the roles and bindings of the cache say.
  std::shared_ptr<const model::authorizer> rights;
  /// Where requests are written down, by which policy; an empty path: nowhere.
  std::filesystem::path audit_log;
  model::audit_policy audit_policy;
  /// Requests that are served at a time, shared out among the priority levels (API priority and
  /// fairness); 0: no request waits for another one.
  unsigned seats = 0;
  /// PEM: who this server is to those that serve other groups (APIServices); empty: nobody.
  std::string proxy_certificate, proxy_key;
  std::string issuer;   ///< of service accounts' tokens; empty: there are none
  std::string jwks;     ///< the keys that they are signed with (JSON Web Key Set)
  std::string address;  ///< host at which others find this server
  model::wall_clock clock = model::system_wall_clock();
  std::vector<health_check> checks;
  /// What /metrics shows, to which the gateway adds its own; null: of the gateway alone.
  std::shared_ptr<model::instruments> metrics;
  std::string version = "v1.32.0";                ///< gitVersion of /version
  std::chrono::seconds watch_timeout{1800};       ///< of a watch that names none
  std::chrono::milliseconds version_wait{3'000};  ///< for a resourceVersion that is not here yet
};

/// The Kubernetes API over HTTP. Reads are served on its own threads from the cache, all else by
/// the API actors.
class gateway {
 public:
  /// Listens from here on. Throws std::system_error as http::server does.
  gateway(caf::actor_system& system, gateway_options options);
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  /// The port of each listener, in the order of the options.
  const std::vector<std::uint16_t>& ports() const;
  /// The API with what other servers serve (APIServices), for actors of this process; null without
  /// API actors.
  api_actor aggregated_api() const;
  /// The same for the edge door, whose requests are audited and counted as those over HTTP.
  door_api_actor door_api() const;
  /// Ends watches, lets answers under way go out, and closes all. Must not be called on an actor's
  /// thread.
  void stop();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe
