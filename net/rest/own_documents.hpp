#pragma once

#include <cstdint>
#include <string>

namespace troupe::rest {

// What the server says of itself, as JSON.

/// OIDC discovery of the issuer of service accounts' tokens (/.well-known/openid-configuration).
/// `jwks` are its keys; `address` and `port` are where they are published.
std::string openid_configuration(const std::string& issuer, const std::string& jwks,
                                 const std::string& address, std::uint16_t port);

/// The answer at /version; `version` is the gitVersion.
std::string version_text(const std::string& version);

}  // namespace troupe::rest
