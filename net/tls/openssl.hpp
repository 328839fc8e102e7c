#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::tls {

// Owning pointers for OpenSSL's structs, and the PEM conversions over them. For net/tls alone.

template <auto Free>
struct openssl_delete {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};

using bio_ptr = std::unique_ptr<BIO, openssl_delete<BIO_free_all>>;
using pkey_ptr = std::unique_ptr<EVP_PKEY, openssl_delete<EVP_PKEY_free>>;
using pkey_ctx_ptr = std::unique_ptr<EVP_PKEY_CTX, openssl_delete<EVP_PKEY_CTX_free>>;
using md_ctx_ptr = std::unique_ptr<EVP_MD_CTX, openssl_delete<EVP_MD_CTX_free>>;
using x509_ptr = std::unique_ptr<X509, openssl_delete<X509_free>>;
using req_ptr = std::unique_ptr<X509_REQ, openssl_delete<X509_REQ_free>>;
using store_ptr = std::unique_ptr<X509_STORE, openssl_delete<X509_STORE_free>>;
using store_ctx_ptr = std::unique_ptr<X509_STORE_CTX, openssl_delete<X509_STORE_CTX_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, openssl_delete<X509_EXTENSION_free>>;

inline void free_general_names(GENERAL_NAMES* p) {
  GENERAL_NAMES_free(p);
}
using names_ptr = std::unique_ptr<GENERAL_NAMES, openssl_delete<free_general_names>>;

/// Throws pki_error with `what` and OpenSSL's reason; empties OpenSSL's error queue.
[[noreturn]] void fail(const std::string& what);

bio_ptr reader(std::string_view text);
std::string text_of(BIO* bio);
pkey_ptr read_key(std::string_view pem);
x509_ptr read_certificate(std::string_view pem);
req_ptr read_request(std::string_view pem);

/// DNS names and IP addresses, as text.
std::vector<std::string> to_strings(const GENERAL_NAMES* names);
/// "DNS:a,IP:10.0.0.1", as OpenSSL's configuration writes it. Throws for a name that could smuggle
/// in more than itself.
std::string to_config(const std::vector<std::string>& names);

}  // namespace troupe::tls
