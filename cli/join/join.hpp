#pragma once

#include "actors/edge/edge.hpp"
#include "cli/config/settings.hpp"
#include "cli/roles/bootstrap.hpp"

#include <filesystem>

namespace troupe::cli {

/// What a process wants to become part of a cluster as.
struct join_wish {
  std::string name;    ///< of the files: "kubelet", "peer"
  std::string signer;  ///< of the certificate request
  tls::subject subject;
  std::vector<std::string> usages;
};
join_wish kubelet_wish(const std::string& node_name);
join_wish scheduler_wish(const std::string& scheduler_name);

/// A member's keys and where it dials.
struct membership {
  edge::tls_files files;  ///< our certificate; the CA of the door that it opens
  cluster_doors doors;
};

/// Becomes a member, as a kubelet does by TLS bootstrap: fetches the cluster's CA by its pin, has a
/// certificate signed with the join token, and keeps it in DIR/pki for the next start. Waits while
/// the control plane is out of reach, for at most `patience`. Throws role_error or config_error
/// when that cannot help: a wrong pin, a token that is refused, a request that is denied.
membership join_cluster(const settings& s, const std::filesystem::path& dir, const join_wish& wish,
                        std::chrono::milliseconds patience);

}  // namespace troupe::cli
