// floors: net/tls
#include "net/tls/jwt.hpp"

#include "model/json.hpp"
#include "net/tls/pki.hpp"

#include <gmock/gmock.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace troupe::tls {
namespace {

TEST(Jwt, IsTakenFromItsOwnKeyAlone) {
  const token_key own(make_key());
  const token_key other(make_key());
  const std::string payload = R"({"sub":"me"})";
  const auto token = own.sign(payload);
  EXPECT_EQ(own.verify(token), payload);
  EXPECT_EQ(other.verify(token), std::nullopt);
  EXPECT_NE(own.sign(payload), token);  // each signature has chance in it
}

TEST(Jwt, RefusesWhatWasTamperedWith) {
  const token_key key(make_key());
  const auto token = key.sign(R"({"sub":"me"})");
  const auto dot = token.find('.');
  const auto last = token.rfind('.');
  const std::string wrong[] = {
      "",
      ".",
      "..",
      "a.b.c",
      token.substr(0, last),
      token.substr(0, last + 1),
      token + "A",
      token + "=",
      "eyJhbGciOiJub25lIn0" + token.substr(dot),              // alg none
      token.substr(0, dot + 1) + "e30" + token.substr(last),  // another payload
      std::string(1 << 20, 'a'),
  };
  for (const auto& text : wrong) EXPECT_EQ(key.verify(text), std::nullopt) << text.substr(0, 200);
}

/// A fresh key as `openssl` would make it, PEM.
std::string made(EVP_PKEY* key) {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  EVP_PKEY_free(key);
  return pem;
}

TEST(Jwt, SignsWithEachKindOfKey) {
  const std::pair<std::string, const char*> table[] = {{made(EVP_RSA_gen(2048)), "RS256"},
                                                       {made(EVP_EC_gen("P-256")), "ES256"},
                                                       {made(EVP_EC_gen("P-384")), "ES384"},
                                                       {made(EVP_EC_gen("P-521")), "ES512"}};
  for (const auto& [pem, algorithm] : table) {
    const token_key key(pem);
    EXPECT_STREQ(key.algorithm(), algorithm);
    EXPECT_TRUE(key.can_sign());
    const token_key known(key.public_key());
    EXPECT_FALSE(known.can_sign());
    EXPECT_EQ(known.id(), key.id());
    EXPECT_THROW(static_cast<void>(known.sign("{}")), pki_error);
    for (int i = 0; i < 8; ++i)
      EXPECT_EQ(known.verify(key.sign(R"({"sub":"me"})")), R"({"sub":"me"})") << algorithm;
    auto token = key.sign("{}");
    auto& digit = token[token.size() - 20];
    digit = digit == 'A' ? 'B' : 'A';
    EXPECT_EQ(known.verify(token), std::nullopt);
    const auto told = model::json::parse(known.jwks())["keys"][0];
    EXPECT_EQ(told["alg"], algorithm);
    EXPECT_EQ(told["kid"], key.id());
    EXPECT_EQ(told["kty"], told.contains("n") ? "RSA" : "EC");
    EXPECT_EQ(told.value("e", "AQAB"), "AQAB");
    EXPECT_EQ(told.value("n", std::string(342, 'n')).size(), 342u);
  }
  for (const auto& weak : {made(EVP_RSA_gen(1024)), made(EVP_EC_gen("P-224"))})
    EXPECT_THROW(token_key{weak}, pki_error);
}

TEST(Jwt, AKeyIsChangedByLettingTheOldOneVerify) {
  const std::string old_pem = make_key();
  const std::string new_pem = made(EVP_RSA_gen(2048));
  const token_key old_key(old_pem);
  const auto old_token = old_key.sign("{}");
  const token_keys changed(token_key(new_pem),
                           read_token_keys(old_key.public_key() + "\n" + new_pem));
  EXPECT_EQ(changed.verify(old_token), "{}");
  EXPECT_EQ(changed.verify(changed.sign("{}")), "{}");
  EXPECT_EQ(old_key.verify(changed.sign("{}")), std::nullopt);
  EXPECT_EQ(token_keys{token_key(new_pem)}.verify(old_token), std::nullopt);
  const auto told = model::json::parse(changed.jwks())["keys"];
  ASSERT_EQ(told.size(), 2u) << "each once";
  EXPECT_EQ(told[0]["alg"], "RS256");
  EXPECT_EQ(told[1]["kid"], old_key.id());
  EXPECT_THROW(token_keys{token_key(old_key.public_key())}, pki_error);
  EXPECT_THROW(read_token_keys("nothing"), pki_error);
  EXPECT_THROW(read_token_keys(old_pem + "-----BEGIN PUBLIC KEY-----\nAAAA\n"), pki_error);
}

TEST(Jwt, KeysAreToldToOthers) {
  const token_key key(make_key());
  const auto set = model::json::parse(key.jwks());
  ASSERT_EQ(set["keys"].size(), 1u);
  EXPECT_EQ(set["keys"][0]["alg"], "ES256");
  EXPECT_EQ(set["keys"][0]["x"].get<std::string>().size(), 43u);
  EXPECT_TRUE(key.public_key().starts_with("-----BEGIN PUBLIC KEY-----"));
}

TEST(Jwt, NeedsAKeyOfItsKind) {
  EXPECT_THROW(token_key("no key"), pki_error);
}

}  // namespace
}  // namespace troupe::tls
