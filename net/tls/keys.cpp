#include "net/tls/openssl.hpp"
#include "net/tls/pki.hpp"

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <array>

namespace troupe::tls {
namespace {

constexpr std::string_view pin_prefix = "sha256:";

std::string hex(const unsigned char* data, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    out += digits[data[i] >> 4];
    out += digits[data[i] & 15];
  }
  return out;
}

std::string digest_of(const unsigned char* data, std::size_t size) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_Digest(data, size, digest.data(), &length, EVP_sha256(), nullptr);
  return hex(digest.data(), length);
}

}  // namespace

std::string make_key() {
  pkey_ptr key{EVP_EC_gen("P-256")};
  if (!key) fail("cannot make a key");
  bio_ptr out{BIO_new(BIO_s_mem())};
  if (!PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr))
    fail("cannot write a key");
  return text_of(out.get());
}

bool matches(const credential& c) {
  const auto cert = read_certificate(c.certificate);
  const auto key = read_key(c.key);
  return EVP_PKEY_eq(X509_get0_pubkey(cert.get()), key.get()) == 1;
}

std::string pin(const std::string& certificate) {
  const auto cert = read_certificate(certificate);
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert.get()), &der);
  if (size <= 0) fail("the certificate has no public key");
  const auto digest = digest_of(der, static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return std::string(pin_prefix) + digest;
}

std::string sha256_hex(std::string_view data) {
  return digest_of(reinterpret_cast<const unsigned char*>(data.data()), data.size());
}

bool is_pin(std::string_view text) {
  return text.size() == pin_prefix.size() + 64 && text.starts_with(pin_prefix) &&
         text.find_first_not_of("0123456789abcdef", pin_prefix.size()) == text.npos;
}

std::string sign(const std::string& key, std::string_view data) {
  const auto pkey = read_key(key);
  md_ctx_ptr ctx{EVP_MD_CTX_new()};
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(ctx.get(), nullptr, EVP_sha256(), nullptr, pkey.get()) != 1 ||
      EVP_DigestSign(ctx.get(), nullptr, &size, bytes, data.size()) != 1)
    fail("cannot sign");
  std::string out(size, '\0');
  if (EVP_DigestSign(ctx.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                     data.size()) != 1)
    fail("cannot sign");
  out.resize(size);
  return out;
}

bool verify(const std::string& certificate, std::string_view data, std::string_view signature) {
  const auto cert = read_certificate(certificate);
  md_ctx_ptr ctx{EVP_MD_CTX_new()};
  if (EVP_DigestVerifyInit(ctx.get(), nullptr, EVP_sha256(), nullptr,
                           X509_get0_pubkey(cert.get())) != 1)
    fail("cannot verify with this certificate's key");
  return EVP_DigestVerify(ctx.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(data.data()),
                          data.size()) == 1;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
    fail("no random numbers to be had");
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace troupe::tls
