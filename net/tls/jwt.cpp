#include "net/tls/jwt.hpp"

#include "model/base64.hpp"
#include "model/json.hpp"
#include "net/tls/openssl.hpp"
#include "net/tls/pki.hpp"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

namespace troupe::tls {
namespace {

constexpr std::size_t longest_token = std::size_t{16} * 1024;
constexpr int shortest_rsa = 2048;  // bits; RFC 7518, section 3.3

using signature_ptr = std::unique_ptr<ECDSA_SIG, openssl_delete<ECDSA_SIG_free>>;
using decoder_ptr = std::unique_ptr<OSSL_DECODER_CTX, openssl_delete<OSSL_DECODER_CTX_free>>;

/// How a kind of key signs.
struct signing_method {
  const char* name;        ///< of RFC 7518
  const char* curve_here;  ///< OpenSSL's name of the curve; null: RSA
  const char* curve;       ///< "P-256"
  const EVP_MD* (*digest)();
  std::size_t half;  ///< bytes of each of a signature's two numbers
};

constexpr signing_method algorithms[] = {{"RS256", nullptr, nullptr, EVP_sha256, 0},
                                         {"ES256", "prime256v1", "P-256", EVP_sha256, 32},
                                         {"ES384", "secp384r1", "P-384", EVP_sha384, 48},
                                         {"ES512", "secp521r1", "P-521", EVP_sha512, 66}};

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
std::string to_raw(const std::string& der, std::size_t half) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  signature_ptr s{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  if (!s) fail("cannot read a signature");
  std::string out(2 * half, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(s.get()), bytes, static_cast<int>(half));
  BN_bn2binpad(ECDSA_SIG_get0_s(s.get()), bytes + half, static_cast<int>(half));
  return out;
}

std::optional<std::string> to_der(const std::string& raw, std::size_t half) {
  if (raw.size() != 2 * half) return std::nullopt;
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  signature_ptr s{ECDSA_SIG_new()};
  BIGNUM* r = BN_bin2bn(bytes, static_cast<int>(half), nullptr);
  BIGNUM* t = BN_bin2bn(bytes + half, static_cast<int>(half), nullptr);
  if (!s || !r || !t || ECDSA_SIG_set0(s.get(), r, t) != 1) fail("cannot make a signature");
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(s.get(), &der);
  if (size <= 0) return std::nullopt;
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

/// A number of a key in big-endian bytes, `size` of them (0: as many as it has).
std::string number_of(EVP_PKEY* key, const char* name, std::size_t size) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) fail("the key lacks one of its numbers");
  if (size == 0) size = static_cast<std::size_t>(BN_num_bytes(number));
  std::string out(size, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size));
  BN_free(number);
  return out;
}

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

/// A private or public key, whatever its form.
pkey_ptr read_any_key(const std::string& pem) {
  if (pem.find("-----BEGIN CERTIFICATE-----") != pem.npos)
    return pkey_ptr{X509_get_pubkey(read_certificate(pem).get())};
  EVP_PKEY* key = nullptr;
  decoder_ptr decoder{
      OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", nullptr, nullptr, 0, nullptr, nullptr)};
  const auto* bytes = reinterpret_cast<const unsigned char*>(pem.data());
  std::size_t left = pem.size();
  // Without a pass phrase: nobody is asked for one.
  OSSL_DECODER_CTX_set_passphrase(decoder.get(), reinterpret_cast<const unsigned char*>(""), 0);
  const bool read = OSSL_DECODER_from_data(decoder.get(), &bytes, &left) == 1;
  pkey_ptr out{key};
  if (!read || !out) fail("cannot read a key");
  return out;
}

const signing_method& method_of(EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= shortest_rsa)
    return algorithms[0];
  std::array<char, 32> curve{};
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
      EVP_PKEY_get_group_name(key, curve.data(), curve.size(), nullptr) == 1)
    for (const signing_method& a : algorithms)
      if (a.curve_here && std::string_view(a.curve_here) == curve.data()) return a;
  throw pki_error(
      "a key for tokens must be an EC key on P-256, P-384 or P-521, or an RSA key of at least "
      "2048 bits");
}

bool is_private(EVP_PKEY* key, const signing_method& a) {
  BIGNUM* number = nullptr;
  const bool there =
      EVP_PKEY_get_bn_param(key, a.curve ? OSSL_PKEY_PARAM_PRIV_KEY : OSSL_PKEY_PARAM_RSA_D,
                            &number) == 1;
  BN_clear_free(number);
  ERR_clear_error();
  return there;
}

/// What a token says of its key.
struct token_head {
  std::string algorithm, key;
};
std::optional<token_head> head_of(std::string_view token) {
  if (token.size() > longest_token) return std::nullopt;
  const auto text = from_base64url(token.substr(0, token.find('.')));
  if (!text) return std::nullopt;
  const auto parsed = model::parse_json(*text);
  if (!parsed || !parsed.value.is_object()) return std::nullopt;
  return token_head{model::string_at(parsed.value, {"alg"}),
                    model::string_at(parsed.value, {"kid"})};
}

}  // namespace

struct token_key::impl {
  pkey_ptr key;
  const signing_method* how = nullptr;
  bool signs = false;
  std::string id;
  std::string header;  // base64url

  model::json jwk() const {
    model::json out = {{"use", "sig"}, {"kid", id}, {"alg", how->name}};
    const auto set = [&](const char* name, const char* parameter) {
      out[name] = to_base64url(number_of(key.get(), parameter, how->half));
    };
    out["kty"] = how->curve ? "EC" : "RSA";
    if (how->curve) {
      out["crv"] = how->curve;
      set("x", OSSL_PKEY_PARAM_EC_PUB_X);
      set("y", OSSL_PKEY_PARAM_EC_PUB_Y);
    } else {
      set("n", OSSL_PKEY_PARAM_RSA_N);
      set("e", OSSL_PKEY_PARAM_RSA_E);
    }
    return out;
  }
};

token_key::token_key(const std::string& pem) : impl_(std::make_unique<impl>()) {
  impl_->key = read_any_key(pem);
  impl_->how = &method_of(impl_->key.get());
  impl_->signs = is_private(impl_->key.get(), *impl_->how);
  impl_->id = id_of(impl_->key.get());
  impl_->header = to_base64url(model::json{{"alg", impl_->how->name}, {"kid", impl_->id}}.dump());
}

token_key::~token_key() = default;
token_key::token_key(token_key&&) noexcept = default;
token_key& token_key::operator=(token_key&&) noexcept = default;

const std::string& token_key::id() const {
  return impl_->id;
}

const char* token_key::algorithm() const {
  return impl_->how->name;
}

bool token_key::can_sign() const {
  return impl_->signs;
}

std::string token_key::sign(std::string_view payload) const {
  std::string out = impl_->header + "." + to_base64url(payload);
  md_ctx_ptr ctx{EVP_MD_CTX_new()};
  const auto* bytes = reinterpret_cast<const unsigned char*>(out.data());
  std::size_t size = 0;
  if (!impl_->signs ||
      EVP_DigestSignInit(ctx.get(), nullptr, impl_->how->digest(), nullptr, impl_->key.get()) !=
          1 ||
      EVP_DigestSign(ctx.get(), nullptr, &size, bytes, out.size()) != 1)
    fail("cannot sign a token");
  std::string signature(size, '\0');
  if (EVP_DigestSign(ctx.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                     out.size()) != 1)
    fail("cannot sign a token");
  signature.resize(size);
  if (impl_->how->curve) signature = to_raw(signature, impl_->how->half);
  return out + "." + to_base64url(signature);
}

std::optional<std::string> token_key::verify(std::string_view token) const {
  const auto head = head_of(token);
  if (!head || head->algorithm != impl_->how->name ||
      (!head->key.empty() && head->key != impl_->id))
    return std::nullopt;
  const auto last = token.rfind('.');
  if (last == token.npos) return std::nullopt;
  auto signature = from_base64url(token.substr(last + 1));
  if (signature && impl_->how->curve) signature = to_der(*signature, impl_->how->half);
  if (!signature) return std::nullopt;
  const std::string_view data = token.substr(0, last);
  md_ctx_ptr ctx{EVP_MD_CTX_new()};
  if (EVP_DigestVerifyInit(ctx.get(), nullptr, impl_->how->digest(), nullptr, impl_->key.get()) !=
      1)
    fail("cannot verify with this key");
  const bool good =
      EVP_DigestVerify(ctx.get(), reinterpret_cast<const unsigned char*>(signature->data()),
                       signature->size(), reinterpret_cast<const unsigned char*>(data.data()),
                       data.size()) == 1;
  ERR_clear_error();
  const auto first = data.find('.');
  if (!good || first == data.npos || first == last) return std::nullopt;
  return from_base64url(data.substr(first + 1));
}

std::string token_key::jwks() const {
  return model::json{{"keys", model::json::array({impl_->jwk()})}}.dump();
}

std::string token_key::public_key() const {
  bio_ptr out{BIO_new(BIO_s_mem())};
  if (PEM_write_bio_PUBKEY(out.get(), impl_->key.get()) != 1) fail("cannot write a key");
  return text_of(out.get());
}

std::vector<token_key> read_token_keys(const std::string& pem) {
  constexpr std::string_view begin = "-----BEGIN ";
  constexpr std::string_view end = "-----END ";
  std::vector<token_key> out;
  for (std::size_t at = pem.find(begin); at != pem.npos; at = pem.find(begin, at)) {
    const auto last = pem.find('\n', std::min(pem.find(end, at), pem.size()));
    const std::string block = pem.substr(at, last == pem.npos ? last : last + 1 - at);
    at = last == pem.npos ? pem.size() : last;
    // What curve a key is on stands before it at times, and again in it.
    if (!block.starts_with("-----BEGIN EC PARAMETERS-----")) out.emplace_back(block);
  }
  if (out.empty()) throw pki_error("there is no key in it");
  return out;
}

token_keys::token_keys(token_key signing, std::vector<token_key> verifying) {
  if (!signing.can_sign()) throw pki_error("the key that signs must be a private one");
  keys_.push_back(std::move(signing));
  for (auto& key : verifying)
    if (std::ranges::none_of(keys_, [&](const token_key& k) { return k.id() == key.id(); }))
      keys_.push_back(std::move(key));
}

std::optional<std::string> token_keys::verify(std::string_view token) const {
  for (const auto& key : keys_)
    if (auto payload = key.verify(token)) return payload;
  return std::nullopt;
}

std::string token_keys::jwks() const {
  model::json all = model::json::array();
  for (const auto& key : keys_) all.push_back(key.impl_->jwk());
  return model::json{{"keys", std::move(all)}}.dump();
}

}  // namespace troupe::tls
