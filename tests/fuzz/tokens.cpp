#include "model/service_account_token.hpp"
#include "net/tls/jwt.hpp"
#include "net/tls/pki.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe;

namespace {

const tls::token_key& key() {
  static const tls::token_key own(tls::make_key());
  return own;
}

const std::string& signed_token() {
  static const std::string token =
      key().sign(R"({"iss":"i","aud":["i"],"exp":4102444800,"sub":"system:serviceaccount:a:b",)"
                 R"("kubernetes.io":{"namespace":"a","serviceaccount":{"name":"b","uid":"u"}}})");
  return token;
}

}  // namespace

// The input is a token (`*` in it stands for one of ours), and the claims of one.
void fuzz(std::string_view input) {
  std::string token(input);
  if (const auto star = token.find('*'); star != token.npos) token.replace(star, 1, signed_token());
  const auto payload = key().verify(token);
  require(!payload || token == signed_token(), "a token that nobody signed is believed");
  const auto claims = model::parse_json(std::string(input));
  if (!claims) return;
  const auto nothing_there = [](const model::object_key&) { return model::object_ptr(); };
  require(!model::judge_claims(claims.value, "i", {"i"}, nothing_there, {}, input),
          "claims of an account that is not there are believed");
}

std::vector<std::string> seeds() {
  return {"*",
          "*x",
          "x*",
          "*.*",
          "a.b.c",
          "..",
          "eyJhbGciOiJub25lIn0.e30.",
          "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
          R"({"iss":"i","aud":["i"],"exp":4102444800,"nbf":0,"iat":0,"jti":"j",)"
          R"("sub":"system:serviceaccount:a:b","kubernetes.io":{"namespace":"a",)"
          R"("serviceaccount":{"name":"b","uid":"u"},"pod":{"name":"p","uid":"v"},)"
          R"("node":{"name":"n","uid":"w"},"secret":{"name":"s","uid":"x"}}})",
          R"({"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"a",)"
          R"("kubernetes.io/serviceaccount/secret.name":"s",)"
          R"("kubernetes.io/serviceaccount/service-account.name":"b"})",
          R"({"iss":["i"],"aud":7,"exp":-1e300,"kubernetes.io":[]})"};
}
