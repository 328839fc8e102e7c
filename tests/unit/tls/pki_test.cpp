// floors: net/tls
#include "net/tls/pki.hpp"

#include "net/tls/files.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

namespace troupe::tls {
namespace {

using std::chrono::hours;

const auto now = std::chrono::system_clock::time_point{std::chrono::seconds{1'767'225'600}};

struct Pki : testing::Test {
  const credential ca = make_ca("troupe-ca", now);
  const credential other = make_ca("troupe-ca", now);
  const subject node{"system:node:n1", {"system:nodes"}};

  credential client(model::time_point at = now) {
    return issue(ca, for_one_year(node, usage::client, {}, at));
  }
};

TEST_F(Pki, ACertificateSaysWhatItWasMadeWith) {
  const auto c = issue(ca, for_one_year({"kube-apiserver", {"a", "b"}}, usage::server,
                                        {"localhost", "10.0.0.1", "::1"}, now));
  const auto info = parse_certificate(c.certificate);
  EXPECT_EQ(info.subject, (subject{"kube-apiserver", {"a", "b"}}));
  EXPECT_THAT(info.names, testing::ElementsAre("localhost", "10.0.0.1", "::1"));
  EXPECT_EQ(info.not_before, now - backdate);
  EXPECT_EQ(info.not_after, now + certificate_lifetime);
  EXPECT_FALSE(info.ca);
  EXPECT_TRUE(parse_certificate(ca.certificate).ca);
  EXPECT_TRUE(matches(c));
  EXPECT_FALSE(matches({c.certificate, ca.key}));
}

TEST_F(Pki, OnlyTheRightCaTimeAndUseAreAccepted) {
  const auto c = client();
  EXPECT_EQ(refusal(c.certificate, ca.certificate, usage::client, now), "");
  EXPECT_EQ(refusal(c.certificate, other.certificate + ca.certificate, usage::client, now), "");
  EXPECT_NE(refusal(c.certificate, other.certificate, usage::client, now), "");
  EXPECT_EQ(refusal(c.certificate, ca.certificate, usage::client, now + hours(24 * 366)),
            "certificate has expired");
  EXPECT_EQ(refusal(c.certificate, ca.certificate, usage::client, now - hours(1)),
            "certificate is not yet valid");
  EXPECT_NE(refusal(c.certificate, ca.certificate, usage::server, now), "");
  EXPECT_NE(refusal(c.certificate, ca.certificate, usage::peer, now), "");
  EXPECT_NE(refusal(c.certificate, "", usage::client, now), "");
}

TEST_F(Pki, AClientCertificateCannotSignOthers) {
  EXPECT_THROW(issue(client(), for_one_year(node, usage::client, {}, now)), pki_error);
}

TEST_F(Pki, ARequestIsSignedForItsKeyAndOnlyAsTheSignerSays) {
  const auto key = make_key();
  const auto request = make_request(key, {"system:node:n1", {"system:nodes"}}, {"evil.example"});
  const auto info = parse_request(request);
  EXPECT_EQ(info.subject, node);
  EXPECT_THAT(info.names, testing::ElementsAre("evil.example"));
  const auto cert = sign_request(ca, request, for_one_year(node, usage::client, {}, now));
  EXPECT_TRUE(matches({cert, key}));
  EXPECT_TRUE(parse_certificate(cert).names.empty());
  EXPECT_EQ(refusal(cert, ca.certificate, usage::client, now), "");
}

TEST_F(Pki, ATamperedRequestIsRefused) {
  auto request = make_request(make_key(), node);
  const auto at = request.find('\n') + 60;
  request[at] = request[at] == 'A' ? 'B' : 'A';
  EXPECT_THROW(parse_request(request), pki_error);
  EXPECT_THROW(parse_request("garbage"), pki_error);
  EXPECT_THROW(parse_request(""), pki_error);
}

TEST_F(Pki, NamesCannotSmuggleOthersIn) {
  for (const auto* name : {"a,DNS:b", "a\nb", "", "DNS:x"})
    EXPECT_THROW(issue(ca, for_one_year(node, usage::server, {name}, now)), pki_error) << name;
}

TEST_F(Pki, APinIsOfTheKeyNotOfTheCertificate) {
  EXPECT_TRUE(is_pin(pin(ca.certificate)));
  EXPECT_NE(pin(ca.certificate), pin(other.certificate));
  for (const auto* bad : {"", "sha256:", "sha256:zz", "md5:00"}) EXPECT_FALSE(is_pin(bad));
}

TEST_F(Pki, ASignatureHoldsForItsDataAndKeyAlone) {
  const auto c = client();
  const auto signature = sign(c.key, "nonce");
  EXPECT_TRUE(verify(c.certificate, "nonce", signature));
  EXPECT_FALSE(verify(c.certificate, "nonce2", signature));
  EXPECT_FALSE(verify(ca.certificate, "nonce", signature));
  EXPECT_FALSE(verify(c.certificate, "nonce", "rubbish"));
}

TEST_F(Pki, FilesKeepKeysSecretAndFitTogether) {
  char name[] = "/tmp/troupe-pki-XXXXXX";
  const std::filesystem::path dir{mkdtemp(name)};
  const auto c = client();
  save(dir, "node", c);
  EXPECT_EQ(load(dir, "node").key, c.key);
  EXPECT_EQ(std::filesystem::status(dir / "node.key").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  write_file(dir / "node.key", ca.key, true);
  EXPECT_THROW(load(dir, "node"), pki_error);
  EXPECT_THROW(load(dir, "missing"), pki_error);
  std::filesystem::remove_all(dir);
}

TEST_F(Pki, SecretsCompareByContent) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_NE(random_bytes(16), random_bytes(16));
}

}  // namespace
}  // namespace troupe::tls
