#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::tls {

/// A P-256 key that signs JSON Web Tokens (ES256, RFC 7515 and 7518) and checks its own. Callable
/// from any thread.
class token_key {
 public:
  /// A private key, PEM. Throws pki_error for another kind of key.
  explicit token_key(const std::string& pem);
  ~token_key();
  token_key(const token_key&) = delete;
  token_key& operator=(const token_key&) = delete;

  /// The token of a payload (JSON). Throws pki_error.
  std::string sign(std::string_view payload) const;
  /// The payload of a token that this key has signed; nothing for any other text.
  std::optional<std::string> verify(std::string_view token) const;
  /// The public key as a JSON Web Key Set.
  std::string jwks() const;
  /// The public key, PEM.
  std::string public_key() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::tls
