#pragma once

#include "model/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Signs client certificates of kubelets.
inline constexpr std::string_view kubelet_client_signer =
    "kubernetes.io/kube-apiserver-client-kubelet";
/// Signs client certificates of people and programs, once a person has approved them.
inline constexpr std::string_view client_signer = "kubernetes.io/kube-apiserver-client";
/// Signs certificates for the peer door, under the peer CA.
inline constexpr std::string_view peer_signer = "troupe.io/peer";

/// A CertificateSigningRequest, as far as its approval depends on it.
struct csr_view {
  explicit csr_view(const model::json& document);

  std::string signer;
  std::string user;  ///< who asked
  std::vector<std::string> groups;
  std::vector<std::string> usages;
  std::string request;  ///< PEM; empty when it is not base64
  long long expiration_seconds = 0;
  bool approved = false;
  bool denied = false;
  bool failed = false;
  bool issued = false;

  bool in(std::string_view group) const;
};

/// Why the controller approves it by itself; empty when it leaves that to a person.
/// `common_name`, `organizations` and `names` are of the PKCS #10 request.
std::string approval_reason(const csr_view& csr, const std::string& common_name,
                            const std::vector<std::string>& organizations,
                            const std::vector<std::string>& names);

/// Why its signer will not sign it although it was approved; empty when it will.
std::string signing_fault(const csr_view& csr, const std::string& common_name,
                          const std::vector<std::string>& organizations,
                          const std::vector<std::string>& names);

}  // namespace troupe
