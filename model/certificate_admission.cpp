#include "model/certificate_admission.hpp"

#include "model/base64.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view requests_resource = "certificatesigningrequests.certificates.k8s.io";

bool may(const authorizer& by, const subject& who, const char* verb, const std::string& signer) {
  request_info what;
  what.is_resource = true;
  what.verb = verb;
  what.group = "certificates.k8s.io";
  what.version = "v1";
  what.resource = "signers";
  what.name = signer;
  if (by.decide(who, what).allowed) return true;
  // All signers of a domain.
  what.name = signer.substr(0, signer.find('/')) + "/*";
  return by.decide(who, what).allowed;
}

}  // namespace

std::optional<status> refuse_certificate(const authorizer& by, const subject& who,
                                         const object_key& key, std::string_view subresource,
                                         const json& old, const json& wanted) {
  if (key.resource != requests_resource) return std::nullopt;
  const bool approves = subresource == "approval";
  const bool signs = subresource == "status" &&
                     at(old, {"status", "certificate"}) != at(wanted, {"status", "certificate"});
  if (!approves && !signs) return std::nullopt;
  const char* verb = approves ? "approve" : "sign";
  const std::string signer = string_at(old, {"spec", "signerName"});
  if (may(by, who, verb, signer)) return std::nullopt;
  return forbidden(key, std::string("user not permitted to ") + verb +
                            " requests with signerName \"" + signer + "\"");
}

std::optional<status> restrict_certificate_subject(
    const object_key& key, const json& request,
    const std::function<std::vector<std::string>(const std::string&)>& groups_of) {
  constexpr std::string_view signer = "kubernetes.io/kube-apiserver-client";
  constexpr std::string_view mighty = "system:masters";
  if (key.resource != requests_resource || string_at(request, {"spec", "signerName"}) != signer)
    return std::nullopt;
  const auto groups =
      groups_of(from_base64(string_at(request, {"spec", "request"})).value_or(std::string()));
  if (std::find(groups.begin(), groups.end(), mighty) == groups.end()) return std::nullopt;
  return forbidden(key, "use of " + std::string(signer) + " signer with " + std::string(mighty) +
                            " group is not allowed");
}

}  // namespace troupe::model
