// floors: model
#include "model/service_account_token.hpp"

#include "model/base64.hpp"
#include "model/legacy_token.hpp"
#include "model/service_account_admission.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr const char* issuer = "https://issuer";

object_ptr made(const char* resource, const char* ns, const char* name, const char* uid,
                json document = json::object()) {
  document["metadata"].update({{"name", name}, {"uid", uid}});
  if (*ns) document["metadata"]["namespace"] = ns;
  return seal(encode(resource, document), 1);
}

/// An account with a pod on a node, and tokens that are their claims.
class AccountToken : public ::testing::Test {
 protected:
  void SetUp() override {
    put(made("serviceaccounts", "d", "bot", "u1"));
    put(made("nodes", "", "n1", "u2"));
    put(made("pods", "d", "p", "u3",
             {{"spec", {{"serviceAccountName", "bot"}, {"nodeName", "n1"}}}}));
    put(made("secrets", "d", "s", "u4"));
  }
  void put(const object_ptr& o) { objects[o->key()] = o; }

  token_lookup lookup = [this](const object_key& key) {
    const auto found = objects.find(key);
    return found == objects.end() ? nullptr : found->second;
  };
  std::variant<json, status> ask(json spec) {
    return issue_token({issuer, [](const json& claims) { return claims.dump(); }},
                       *lookup({"serviceaccounts", "d", "bot"}), {{"spec", std::move(spec)}},
                       lookup, now, "id-1");
  }
  json claims(json spec) {
    auto answered = ask(std::move(spec));
    if (auto* bad = std::get_if<status>(&answered)) return bad->message;
    return json::parse(std::get<json>(answered)["status"]["token"].get<std::string>());
  }
  std::string refusal(json spec) { return std::get<status>(ask(std::move(spec))).message; }
  std::optional<account_identity> judge(const json& claims,
                                        const std::vector<std::string>& audiences = {}) {
    return judge_claims(claims, issuer, audiences, lookup, now, "raw");
  }
  static json pod_reference(const char* name = "p", const char* uid = "u3") {
    return {
        {"boundObjectRef", {{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", name}, {"uid", uid}}}};
  }

  time_point now = *from_rfc3339("2026-01-01T00:00:00Z");
  std::map<object_key, object_ptr> objects;
};

TEST_F(AccountToken, ClaimsWhatKubernetesClaims) {
  EXPECT_EQ(claims(json::object()), json::parse(R"({"aud": ["https://issuer"], "exp": 1767229200,
    "iat": 1767225600, "nbf": 1767225600, "iss": "https://issuer", "jti": "id-1",
    "sub": "system:serviceaccount:d:bot",
    "kubernetes.io": {"namespace": "d", "serviceaccount": {"name": "bot", "uid": "u1"}}})"));
  EXPECT_EQ(claims(pod_reference())["kubernetes.io"], json::parse(R"({"namespace": "d",
    "serviceaccount": {"name": "bot", "uid": "u1"}, "pod": {"name": "p", "uid": "u3"},
    "node": {"name": "n1", "uid": "u2"}})"));
}

TEST_F(AccountToken, OfAKubeletLivesLongerThanItSays) {
  json spec = pod_reference();
  spec["expirationSeconds"] = 3607;
  auto answered = std::get<json>(ask(spec));
  EXPECT_EQ(answered["status"]["expirationTimestamp"], "2026-01-01T01:00:07Z");
  const json c = json::parse(answered["status"]["token"].get<std::string>());
  EXPECT_EQ(c["exp"].get<int>() - c["iat"].get<int>(), 365 * 24 * 3600);
  EXPECT_EQ(c["kubernetes.io"]["warnafter"].get<int>() - c["iat"].get<int>(), 3607);
  spec["audiences"] = {"vault"};
  EXPECT_EQ(claims(spec)["exp"].get<int>() - claims(spec)["iat"].get<int>(), 3607);
}

TEST_F(AccountToken, IsRefusedWithAReason) {
  EXPECT_EQ(
      refusal({{"expirationSeconds", 599}}),
      "TokenRequest.authentication.k8s.io \"bot\" is invalid: spec.expirationSeconds: Invalid "
      "value: 599: may not specify a duration less than 10 minutes");
  EXPECT_EQ(refusal(pod_reference("gone")), "pods \"gone\" not found");
  EXPECT_EQ(std::get<status>(ask(pod_reference("p", "other"))).code, 409);
  put(made("pods", "d", "other", "u5", {{"spec", {{"serviceAccountName", "default"}}}}));
  EXPECT_EQ(refusal(pod_reference("other", "")),
            "cannot bind token for serviceaccount \"bot\" to pod running with different "
            "serviceaccount name.");
  EXPECT_EQ(refusal({{"boundObjectRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}}}}),
            "cannot bind token to object of type apps/v1, Kind=Deployment");
}

TEST_F(AccountToken, SpeaksForTheAccount) {
  const auto who = judge(claims(pod_reference()));
  ASSERT_TRUE(who);
  EXPECT_EQ(who->name, "system:serviceaccount:d:bot");
  EXPECT_EQ(who->uid, "u1");
  EXPECT_THAT(who->groups, ElementsAre("system:serviceaccounts", "system:serviceaccounts:d"));
  EXPECT_THAT(who->extra,
              UnorderedElementsAre(
                  Pair("authentication.kubernetes.io/credential-id", ElementsAre("JTI=id-1")),
                  Pair("authentication.kubernetes.io/pod-name", ElementsAre("p")),
                  Pair("authentication.kubernetes.io/pod-uid", ElementsAre("u3")),
                  Pair("authentication.kubernetes.io/node-name", ElementsAre("n1")),
                  Pair("authentication.kubernetes.io/node-uid", ElementsAre("u2"))));
}

TEST_F(AccountToken, IsForItsAudiencesAlone) {
  const json c = claims({{"audiences", {"vault", "db"}}});
  EXPECT_FALSE(judge(c));
  EXPECT_THAT(judge(c, {"db", "x"})->audiences, ElementsAre("db"));
  EXPECT_FALSE(judge(c, {"x"}));
}

TEST_F(AccountToken, EndsWithTimeAccountAndWhatItIsBoundTo) {
  const json plain = claims(json::object());
  const json bound = claims(pod_reference());
  now += seconds(3599);
  EXPECT_TRUE(judge(plain));
  now += seconds(1);
  EXPECT_FALSE(judge(plain));
  now -= seconds(10);
  ASSERT_TRUE(judge(bound));
  json of_others = bound;
  of_others["iss"] = "https://elsewhere";
  EXPECT_FALSE(judge(of_others));
  put(made("pods", "d", "p", "new-uid"));
  EXPECT_FALSE(judge(bound));
  EXPECT_TRUE(judge(plain));
  put(made("serviceaccounts", "d", "bot", "new-uid"));
  EXPECT_FALSE(judge(plain));
}

TEST_F(AccountToken, OfASecretIsTheOneInTheSecret) {
  const json c = legacy_claims(*lookup({"serviceaccounts", "d", "bot"}), "s");
  EXPECT_FALSE(judge(c));
  put(made("secrets", "d", "s", "u4", {{"data", {{"token", to_base64("raw")}}}}));
  EXPECT_TRUE(judge(c));
  objects.erase({"secrets", "d", "s"});
  EXPECT_FALSE(judge(c));
}

TEST_F(AccountToken, OfASecretSpeaksForNobodyWhenItIsMarkedInvalid) {
  const json c = legacy_claims(*lookup({"serviceaccounts", "d", "bot"}), "s");
  std::vector<std::string> used;
  const auto judged = [&](json labels) {
    put(made(
        "secrets", "d", "s", "u4",
        {{"metadata", {{"labels", std::move(labels)}}}, {"data", {{"token", to_base64("raw")}}}}));
    used.clear();
    return judge_claims(c, issuer, {}, lookup, now, "raw",
                        [&](const object_ptr& secret) { used.push_back(secret->key().name); })
        .has_value();
  };
  EXPECT_TRUE(judged({{last_used_label, "2020-01-01"}}));
  EXPECT_EQ(used.size(), 1u);
  EXPECT_FALSE(judged({{invalid_since_label, "2024-01-01"}}));
  EXPECT_EQ(used.size(), 1u) << "its use is noted all the same";
  EXPECT_TRUE(judged({{invalid_since_label, ""}}));
  judge_claims(c, issuer, {}, lookup, now, "another", [&](const object_ptr&) { used.clear(); });
  EXPECT_EQ(used.size(), 1u) << "only that of the token itself";
}

TEST_F(AccountToken, UsesAreNotedOnceADay) {
  const time_point noon = *from_rfc3339("2024-05-01T12:00:00Z");
  const auto wanted = [&](json labels) {
    return wants_use_noted(
        *made("secrets", "d", "s", "u4", {{"metadata", {{"labels", std::move(labels)}}}}), noon);
  };
  EXPECT_TRUE(wanted(json::object()));
  EXPECT_TRUE(wanted({{last_used_label, "2024-04-30"}}));
  EXPECT_FALSE(wanted({{last_used_label, "2024-05-01"}}));
  EXPECT_FALSE(wanted({{last_used_label, "2024-05-02"}})) << "by a server whose clock goes before";
  EXPECT_EQ(use_note(*lookup({"secrets", "d", "s"}), noon),
            json::parse(R"({"metadata": {"uid": "u4", "labels": {
              "kubernetes.io/legacy-token-last-used": "2024-05-01"}}})"));
}

TEST_F(AccountToken, IsMountedIntoEveryContainer) {
  const auto admitted = [this](json spec) {
    random_source random(1);
    json pod = {{"metadata", {{"name", "p"}}}, {"spec", std::move(spec)}};
    const auto bad = admit_service_account({"pods", "d", "p"}, pod, lookup, random);
    return bad ? json(bad->message) : pod["spec"];
  };
  json spec = {{"serviceAccountName", "bot"},
               {"containers", json::array({{{"name", "a"}}, {{"name", "b"}}})}};
  spec["containers"][1]["volumeMounts"] =
      json::array({{{"name", "mine"}, {"mountPath", token_directory}}});
  const json got = admitted(spec);
  const std::string volume = got["volumes"][0]["name"];
  EXPECT_THAT(volume, testing::MatchesRegex("kube-api-access-[a-z0-9]{5}"));
  EXPECT_EQ(got["containers"][0]["volumeMounts"],
            json::array({{{"name", volume}, {"readOnly", true}, {"mountPath", token_directory}}}));
  EXPECT_EQ(got["containers"][1], spec["containers"][1]);
  EXPECT_EQ(got["volumes"][0]["projected"], json::parse(R"({"defaultMode": 420, "sources": [
    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    {"downwardAPI": {"items": [{"path": "namespace",
      "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]})"));

  spec["automountServiceAccountToken"] = false;
  EXPECT_FALSE(admitted(spec).contains("volumes"));
  spec.erase("automountServiceAccountToken");
  put(made("serviceaccounts", "d", "bot", "u1",
           {{"automountServiceAccountToken", false},
            {"imagePullSecrets", json::array({{{"name", "regcred"}}})}}));
  EXPECT_FALSE(admitted(spec).contains("volumes"));
  EXPECT_EQ(admitted(spec)["imagePullSecrets"][0]["name"], "regcred");
  EXPECT_EQ(admitted({{"serviceAccountName", "x"}}),
            "pods \"p\" is forbidden: error looking up service account d/x: serviceaccount \"x\" "
            "not found");
}

}  // namespace
}  // namespace troupe::model
