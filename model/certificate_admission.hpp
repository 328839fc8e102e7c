#pragma once

#include "model/authorizer.hpp"
#include "model/object.hpp"

#include <optional>
#include <string_view>

namespace troupe::model {

/// Kubernetes' CertificateApproval and CertificateSigning admission: approving (or denying) a
/// CertificateSigningRequest needs the verb `approve` on its signer, giving it a certificate the
/// verb `sign`. `subresource` is "approval" or "status". Nothing, or 403.
std::optional<status> refuse_certificate(const authorizer& by, const subject& who,
                                         const object_key& key, std::string_view subresource,
                                         const json& old, const json& wanted);

}  // namespace troupe::model
