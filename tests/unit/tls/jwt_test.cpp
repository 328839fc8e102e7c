// floors: net/tls
#include "net/tls/jwt.hpp"

#include "model/json.hpp"
#include "net/tls/pki.hpp"

#include <gmock/gmock.h>

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
