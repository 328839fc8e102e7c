#pragma once

#include "actors/edge/edge.hpp"
#include "cli/client/role_error.hpp"
#include "net/tls/pki.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace troupe::cli {

/// Where the doors of a cluster are, as its cluster-info tells.
struct cluster_doors {
  std::string server;  ///< https://host:port
  std::string edge;    ///< host:port
  std::string peer;    ///< host:port; empty: none
};

/// How a process joins: section `join` of a role config, as `troupe token create` prints it.
struct join_terms {
  std::string server;  ///< https://host:6443
  std::string token;   ///< not needed by who has joined before
  std::string ca_pin;  ///< caCertHash: "sha256:<hex>"; likewise
};

/// A term is wrong or missing.
struct join_fault : role_error {
  join_fault(std::string which, const std::string& why)
      : role_error(why), field(std::move(which)) {}
  std::string field;  ///< its name in section `join`: "token"
};

/// What a process wants to become part of a cluster as.
struct join_wish {
  std::string name;    ///< of the files: "kubelet", "peer"
  std::string signer;  ///< of the certificate request
  tls::subject subject;
  std::vector<std::string> usages;
};
join_wish kubelet_wish(const std::string& node_name);
join_wish scheduler_wish(const std::string& scheduler_name);
join_wish controller_wish(const std::string& controller_name);

/// A member's keys and where it dials.
struct membership {
  edge::tls_files files;  ///< our certificate; the CA of the door that it opens
  cluster_doors doors;
};

/// Becomes a member, as a kubelet does by TLS bootstrap: fetches the cluster's CA by its pin, has a
/// certificate signed with the join token, and keeps it in DIR/pki for the next start. Waits while
/// the control plane is out of reach, for at most `patience`. Throws role_error when that cannot
/// help: a wrong pin, a token that is refused, a request that is denied; join_fault for a term.
membership join_cluster(const join_terms& terms, const std::filesystem::path& dir,
                        const join_wish& wish, std::chrono::milliseconds patience);

}  // namespace troupe::cli
