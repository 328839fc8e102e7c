#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::tls {

/// A key of JSON Web Tokens (RFC 7515 and 7518): EC on P-256, P-384 or P-521 (ES256, ES384, ES512),
/// or RSA of at least 2048 bits (RS256). Signs, when its private half is known, and checks what was
/// signed with it. Callable from any thread.
class token_key {
 public:
  /// A private or public key or a certificate, PEM. Throws pki_error for another kind of key.
  explicit token_key(const std::string& pem);
  ~token_key();
  token_key(token_key&&) noexcept;
  token_key& operator=(token_key&&) noexcept;

  /// The SHA-256 of the public key, as Kubernetes names its keys.
  const std::string& id() const;
  const char* algorithm() const;  ///< "RS256"
  bool can_sign() const;
  /// The token of a payload (JSON). Throws pki_error.
  std::string sign(std::string_view payload) const;
  /// The payload of a token that this key has signed; nothing for any other text.
  std::optional<std::string> verify(std::string_view token) const;
  /// The public key as a JSON Web Key Set.
  std::string jwks() const;
  /// The public key, PEM.
  std::string public_key() const;

 private:
  friend class token_keys;
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The keys of all PEM blocks of a file, in their order. Throws pki_error when one is none, or when
/// there is none.
std::vector<token_key> read_token_keys(const std::string& pem);

/// A key that signs, and others whose tokens are good too: keys are changed by letting the old one
/// verify for as long as its tokens live. Callable from any thread.
class token_keys {
 public:
  /// Throws pki_error when `signing` cannot sign.
  explicit token_keys(token_key signing, std::vector<token_key> verifying = {});

  std::string sign(std::string_view payload) const { return keys_.front().sign(payload); }
  /// The payload of a token that one of the keys has signed: the one that the token names, else any
  /// of them.
  std::optional<std::string> verify(std::string_view token) const;
  /// All public keys as a JSON Web Key Set, the signing one first.
  std::string jwks() const;

 private:
  std::vector<token_key> keys_;  ///< each once; the first one signs
};

}  // namespace troupe::tls
