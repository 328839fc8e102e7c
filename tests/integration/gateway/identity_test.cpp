// floors: actors/store actors/api net/rest net/tls
#include "model/rbac/defaults.hpp"
#include "net/tls/pki.hpp"
#include "tests/integration/gateway/control_plane.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::HasSubstr;

/// Who may do what over HTTPS, by certificate and token.
class Identity : public testing::Test {
 protected:
  static constexpr const char* token = "abcdef.0123456789abcdef";

  const model::time_point now = std::chrono::system_clock::now();
  const tls::credential ca = tls::make_ca("troupe-ca", now);
  const tls::credential stranger_ca = tls::make_ca("stranger-ca", now);
  test::control_plane cluster_{with_tls()};

  /// The roles that every cluster begins with.
  void SetUp() override {
    auto c = cluster_.client();
    for (const auto& o : model::rbac::default_objects()) {
      std::string resource = o["kind"];
      for (char& letter : resource) letter = static_cast<char>(letter | 0x20);
      const auto ns = model::string_at(o, {"metadata", "namespace"});
      const auto place = ns.empty() ? "/" : "/namespaces/" + ns + "/";
      ASSERT_EQ(
          c.post("/apis/rbac.authorization.k8s.io/v1" + place + resource + "s", o.dump()).code, 201)
          << o;
    }
  }

  gateway_options with_tls() {
    gateway_options o = test::control_plane::plain_options();
    const auto server = tls::issue(
        ca, tls::for_one_year({"kube-apiserver", {}}, tls::usage::server, {"127.0.0.1"}, now));
    auto t = std::make_shared<http::tls_options>();
    t->certificate = server.certificate;
    t->key = server.key;
    t->client_ca = ca.certificate;
    o.http.listeners.push_back({"127.0.0.1", 0, t});
    o.authenticate = [](std::string_view given) -> std::optional<user_info> {
      if (given != token) return std::nullopt;
      return user_info{"system:bootstrap:abcdef", {"system:bootstrappers"}};
    };
    return o;
  }

  http::client_options nobody() const {
    http::client_options o;
    o.url = "https://127.0.0.1:" + std::to_string(cluster_.secure_port());
    o.ca = ca.certificate;
    return o;
  }
  http::client_options with(const tls::credential& issuer, const tls::subject& who) const {
    const auto c = tls::issue(issuer, tls::for_one_year(who, tls::usage::client, {}, now));
    auto o = nobody();
    o.certificate = c.certificate;
    o.key = c.key;
    return o;
  }
  static http::client_reply get(http::client_options o, const std::string& target) {
    http::client c(std::move(o));
    auto reply = c.get(target);
    EXPECT_EQ(reply.error, "");
    return reply;
  }
};

TEST_F(Identity, AStrangerSeesLittle) {
  EXPECT_EQ(get(nobody(), "/version").code, 200);
  EXPECT_EQ(get(nobody(), "/readyz").code, 200);
  const auto refused = get(nobody(), "/api/v1/namespaces/default/pods");
  EXPECT_EQ(refused.code, 403);
  EXPECT_THAT(refused.body,
              HasSubstr(R"(pods is forbidden: User \"system:anonymous\" cannot list resource )"
                        R"(\"pods\" in API group \"\" in the namespace \"default\")"));
  EXPECT_EQ(get(nobody(), "/api/v1/namespaces/kube-public/configmaps/cluster-info").code, 404);
}

TEST_F(Identity, AnAdministratorMayDoEverything) {
  const auto admin = with(ca, {"kubernetes-admin", {"system:masters"}});
  EXPECT_EQ(get(admin, "/api/v1/pods").code, 200);
  http::client c(admin);
  EXPECT_EQ(c.post("/api/v1/namespaces", R"({"metadata":{"name":"x"}})").code, 201);
}

TEST_F(Identity, ACertificateOfAnotherCaIsNobodys) {
  EXPECT_EQ(get(with(stranger_ca, {"kubernetes-admin", {"system:masters"}}), "/api/v1/pods").code,
            401);
}

TEST_F(Identity, AServerOfAnotherCaIsNotSpokenTo) {
  auto o = nobody();
  o.ca = stranger_ca.certificate;
  EXPECT_THAT(http::client(o).get("/version").error, HasSubstr("TLS handshake"));
}

TEST_F(Identity, ANodeChangesItselfOnly) {
  const auto node = with(ca, {"system:node:n1", {"system:nodes"}});
  http::client c(node);
  EXPECT_EQ(c.post("/api/v1/nodes", R"({"metadata":{"name":"n1"}})").code, 201);
  EXPECT_EQ(c.post("/api/v1/nodes", R"({"metadata":{"name":"n2"}})").code, 403);
  EXPECT_EQ(c.get("/api/v1/nodes/n1").code, 200);
  EXPECT_EQ(c.get("/api/v1/nodes/n2").code, 403);
  EXPECT_EQ(c.get("/api/v1/secrets").code, 403);
  EXPECT_EQ(c.send("DELETE", "/api/v1/namespaces/default").code, 403);
}

TEST_F(Identity, ABootstrapTokenIsGoodForACertificateRequest) {
  auto o = nobody();
  o.bearer_token = token;
  EXPECT_EQ(get(o, "/apis/certificates.k8s.io/v1/certificatesigningrequests").code, 200);
  EXPECT_EQ(get(o, "/api/v1/pods").code, 403);
  o.bearer_token = "abcdef.ffffffffffffffff";
  EXPECT_EQ(get(o, "/api/v1/pods").code, 401);
}

}  // namespace
}  // namespace troupe
