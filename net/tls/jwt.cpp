#include "net/tls/jwt.hpp"

#include "model/base64.hpp"
#include "model/json.hpp"
#include "net/tls/openssl.hpp"
#include "net/tls/pki.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

namespace troupe::tls {
namespace {

constexpr std::size_t half = 32;  // bytes of a number of P-256
constexpr std::size_t longest_token = std::size_t{16} * 1024;

using signature_ptr = std::unique_ptr<ECDSA_SIG, openssl_delete<ECDSA_SIG_free>>;

std::string to_base64url(std::string_view bytes) {
  std::string out = model::to_base64(bytes);
  out.resize(out.find_last_not_of('=') + 1);
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=\r\n") != text.npos) return std::nullopt;
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  return model::from_base64(plain);
}

// A signature as tokens have it, two numbers, from how OpenSSL writes it, and back.
std::string to_raw(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  signature_ptr s{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  if (!s) fail("cannot read a signature");
  std::string out(2 * half, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(s.get()), bytes, half);
  BN_bn2binpad(ECDSA_SIG_get0_s(s.get()), bytes + half, half);
  return out;
}

std::optional<std::string> to_der(const std::string& raw) {
  if (raw.size() != 2 * half) return std::nullopt;
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  signature_ptr s{ECDSA_SIG_new()};
  BIGNUM* r = BN_bin2bn(bytes, half, nullptr);
  BIGNUM* t = BN_bin2bn(bytes + half, half, nullptr);
  if (!s || !r || !t || ECDSA_SIG_set0(s.get(), r, t) != 1) fail("cannot make a signature");
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(s.get(), &der);
  if (size <= 0) return std::nullopt;
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string coordinate(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) fail("the key has no coordinates");
  std::string out(half, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), half);
  BN_free(number);
  return out;
}

// The SHA-256 of the public key, as Kubernetes names its keys.
std::string id_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) fail("the key has no public half");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), &length, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  return to_base64url({reinterpret_cast<const char*>(digest.data()), length});
}

}  // namespace

struct token_key::impl {
  std::string pem;
  pkey_ptr key;
  std::string id;
  std::string header;  // base64url
};

token_key::token_key(const std::string& pem) : impl_(std::make_unique<impl>()) {
  impl_->pem = pem;
  impl_->key = read_key(pem);
  std::array<char, 32> curve{};
  if (EVP_PKEY_get_base_id(impl_->key.get()) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(impl_->key.get(), curve.data(), curve.size(), nullptr) != 1 ||
      std::string_view(curve.data()) != "prime256v1")
    throw pki_error("the key for tokens must be an EC P-256 key");
  impl_->id = id_of(impl_->key.get());
  impl_->header = to_base64url(model::json{{"alg", "ES256"}, {"kid", impl_->id}}.dump());
}

token_key::~token_key() = default;

std::string token_key::sign(std::string_view payload) const {
  std::string out = impl_->header + "." + to_base64url(payload);
  out += "." + to_base64url(to_raw(tls::sign(impl_->pem, out)));
  return out;
}

std::optional<std::string> token_key::verify(std::string_view token) const {
  if (token.size() > longest_token) return std::nullopt;
  const auto last = token.rfind('.');
  if (last == token.npos || token.substr(0, token.find('.')) != impl_->header) return std::nullopt;
  const auto signature = from_base64url(token.substr(last + 1));
  const auto der = signature ? to_der(*signature) : std::nullopt;
  if (!der) return std::nullopt;
  const std::string_view data = token.substr(0, last);
  md_ctx_ptr ctx{EVP_MD_CTX_new()};
  if (EVP_DigestVerifyInit(ctx.get(), nullptr, EVP_sha256(), nullptr, impl_->key.get()) != 1)
    fail("cannot verify with this key");
  if (EVP_DigestVerify(ctx.get(), reinterpret_cast<const unsigned char*>(der->data()), der->size(),
                       reinterpret_cast<const unsigned char*>(data.data()), data.size()) != 1)
    return std::nullopt;
  const auto first = data.find('.');
  if (first == data.npos || first == last) return std::nullopt;
  return from_base64url(data.substr(first + 1));
}

std::string token_key::jwks() const {
  const model::json key = {
      {"use", "sig"},
      {"kty", "EC"},
      {"kid", impl_->id},
      {"crv", "P-256"},
      {"alg", "ES256"},
      {"x", to_base64url(coordinate(impl_->key.get(), OSSL_PKEY_PARAM_EC_PUB_X))},
      {"y", to_base64url(coordinate(impl_->key.get(), OSSL_PKEY_PARAM_EC_PUB_Y))}};
  return model::json{{"keys", model::json::array({key})}}.dump();
}

std::string token_key::public_key() const {
  bio_ptr out{BIO_new(BIO_s_mem())};
  if (PEM_write_bio_PUBKEY(out.get(), impl_->key.get()) != 1) fail("cannot write a key");
  return text_of(out.get());
}

}  // namespace troupe::tls
