#pragma once

#include "net/tls/pki.hpp"

#include <filesystem>

namespace troupe::cli {

/// The keys of a control plane, below DIR/pki.
struct cluster_pki {
  tls::credential ca;              ///< signs serving and client certificates
  tls::credential peer_ca;         ///< signs the control plane's own processes, nothing else
  tls::credential front_proxy_ca;  ///< signs front_proxy, nothing else
  tls::credential front_proxy;     ///< the API server's before the servers of APIServices
  tls::credential api_server;      ///< HTTPS and the edge door
  tls::credential peer;            ///< this process at the peer door
  tls::credential admin;           ///< the administrator's client certificate
  std::string token_key;           ///< signs tokens of service accounts; PEM
  std::filesystem::path dir;
};

/// Loads them, making what is missing. Certificates are made anew (the CAs never) when they end
/// within a month or when the serving certificate lacks one of `names`. Throws tls::pki_error.
cluster_pki ensure_cluster_pki(const std::filesystem::path& data_dir,
                               std::vector<std::string> names, model::time_point now);

/// A kubeconfig for a client certificate. `edge` is the worker door's address (host:port), kept in
/// the cluster's extension "troupe.io/edge" for our own command line.
std::string make_kubeconfig(const std::string& server, const std::string& edge,
                            const std::string& ca, const tls::credential& client,
                            const std::string& user);

}  // namespace troupe::cli
