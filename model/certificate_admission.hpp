#pragma once

#include "model/authorizer.hpp"
#include "model/object.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// Kubernetes' CertificateApproval and CertificateSigning admission: approving (or denying) a
/// CertificateSigningRequest needs the verb `approve` on its signer, giving it a certificate the
/// verb `sign`. `subresource` is "approval" or "status". Nothing, or 403.
std::optional<status> refuse_certificate(const authorizer& by, const subject& who,
                                         const object_key& key, std::string_view subresource,
                                         const json& old, const json& wanted);

/// Kubernetes' CertificateSubjectRestriction admission: nobody gets a certificate of the
/// administrators (group system:masters, signer kubernetes.io/kube-apiserver-client) by asking for
/// one. `groups_of` reads the groups that a PKCS #10 request asks for. Nothing, or 403.
std::optional<status> restrict_certificate_subject(
    const object_key& key, const json& request,
    const std::function<std::vector<std::string>(const std::string&)>& groups_of);

}  // namespace troupe::model
