#pragma once

#include "model/time.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::tls {

// Certificates and keys as PEM texts: EC P-256 keys of our own, RSA keys of others are understood.

/// Something is wrong with a certificate, key, request or file; what() says what.
struct pki_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A certificate and its private key.
struct credential {
  std::string certificate;  ///< PEM
  std::string key;          ///< PEM, PKCS #8
};

/// Whom a certificate names. Kubernetes reads the user's name from CN and its groups from O.
struct subject {
  std::string common_name;
  std::vector<std::string> organizations;
  bool operator==(const subject&) const = default;
};

/// What a certificate may be used for (extended key usage).
enum class usage : std::uint8_t {
  server,  ///< serverAuth
  client,  ///< clientAuth
  peer     ///< both: the control plane's own processes
};

/// What a new certificate says.
struct certificate_template {
  tls::subject subject;
  tls::usage usage = usage::client;
  std::vector<std::string> names;  ///< DNS names and IP addresses (subjectAltName)
  model::time_point not_before;
  model::time_point not_after;
};

struct certificate_info {
  tls::subject subject;
  std::vector<std::string> names;
  model::time_point not_before;
  model::time_point not_after;
  bool ca = false;
};

/// A PKCS #10 request whose own signature has been checked.
struct request_info {
  tls::subject subject;
  std::vector<std::string> names;
};

inline constexpr std::chrono::hours ca_lifetime{24 * 3650};
inline constexpr std::chrono::hours certificate_lifetime{24 * 365};
/// Certificates start this much early, for clocks that lag.
inline constexpr std::chrono::minutes backdate{5};

// Making.
/// A new EC P-256 key, PEM.
std::string make_key();
/// A self-signed CA that may sign end certificates only (path length 0).
credential make_ca(std::string_view common_name, model::time_point now);
/// A key and a certificate signed by `ca`.
credential issue(const credential& ca, const certificate_template& wanted);
/// A template valid from now (less backdate) for certificate_lifetime.
certificate_template for_one_year(subject who, usage what, std::vector<std::string> names,
                                  model::time_point now);

// Requests.
std::string make_request(const std::string& key, const subject& who,
                         const std::vector<std::string>& names = {});
/// Throws when it is no request, when its signature does not fit its key, or when the key is weaker
/// than P-256 or RSA 2048.
request_info parse_request(const std::string& request);
/// A certificate for the request's key. Only what `wanted` says goes into it, whatever the request
/// asks for.
std::string sign_request(const credential& ca, const std::string& request,
                         const certificate_template& wanted);

// Checking.
/// The first certificate of the text.
certificate_info parse_certificate(const std::string& certificate);
/// Why `certificate` may not be used for `what` at `now` under the CA certificates in
/// `ca_bundle`; empty when it may.
std::string refusal(const std::string& certificate, const std::string& ca_bundle, usage what,
                    model::time_point now);
/// True when the key belongs to the certificate.
bool matches(const credential& c);
/// "sha256:<hex>" of the public key (kubeadm's --discovery-token-ca-cert-hash).
std::string pin(const std::string& certificate);
/// True for a well-formed pin.
bool is_pin(std::string_view text);

/// The SHA-256 of the bytes in hexadecimal.
std::string sha256_hex(std::string_view data);

// Signing.
/// Signs with SHA-256.
std::string sign(const std::string& key, std::string_view data);
bool verify(const std::string& certificate, std::string_view data, std::string_view signature);
/// `count` bytes of the system's cryptographic random source.
std::string random_bytes(std::size_t count);
/// Compares in a time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace troupe::tls
