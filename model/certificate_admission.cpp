#include "model/certificate_admission.hpp"

namespace troupe::model {
namespace {

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
  if (key.resource != "certificatesigningrequests.certificates.k8s.io") return std::nullopt;
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

}  // namespace troupe::model
