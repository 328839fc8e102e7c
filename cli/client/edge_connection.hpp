#pragma once

#include "actors/edge/edge.hpp"
#include "cli/client/api_client.hpp"
#include "cli/client/join.hpp"
#include "cli/client/kubeconfig.hpp"
#include "cli/client/secret_file.hpp"

#include <caf/actor_system.hpp>

#include <optional>

namespace troupe::cli {

/// An edge door, and with what to enter.
struct edge_access {
  std::string address;   ///< host:port
  std::string named_by;  ///< the file that says so, for errors
  edge::tls_files files;
  std::string ns = "default";
  /// What holds the files when they are in memory alone.
  std::vector<std::shared_ptr<secret_file>> secrets;
};

/// By a kubeconfig with a client certificate. Throws role_error that says what is missing and what
/// to do about it.
edge_access edge_access_of(const cluster_access& access);
edge_access edge_access_of(const membership& member);

/// A login at an edge door, in an actor system of its own. Any thread may use it, and several at
/// once.
class edge_connection {
 public:
  /// `redial`: dials again after losses, without end; else one attempt. `agent`: the user agent of
  /// requests. Throws role_error when nobody logs us in within ten seconds.
  edge_connection(edge_access access, bool redial, std::string agent);
  ~edge_connection();
  edge_connection(const edge_connection&) = delete;
  edge_connection& operator=(const edge_connection&) = delete;

  caf::actor_system& system() { return system_; }
  const edge::link_actor& link() const { return link_; }
  const std::string& ns() const { return access_.ns; }

  /// Asks through `api` (this link, or what stands before it). A failed answer is one, too.
  client_response request(const api_actor& api, const client_request& r);
  /// As api_client::stream().
  client_response stream(const std::string& target, const std::string& accept,
                         const std::function<bool(std::string_view)>& on_chunk);

 private:
  api_request make_request(const client_request& r) const;
  void log_in();

  const edge_access access_;
  const std::string agent_;
  edge::network_config config_;
  caf::actor_system system_;
  edge::link_actor link_;
};

}  // namespace troupe::cli
