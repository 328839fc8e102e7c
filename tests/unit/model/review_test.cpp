// floors: model
#include "model/review.hpp"

#include "default_rights.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using ::testing::Contains;

/// Reviews, asked by one user.
class Review : public ::testing::Test {
 protected:
  std::string asker = "system:node:n1";
  std::vector<std::string> groups{"system:nodes", "system:authenticated"};
  std::function<std::optional<identity>(std::string_view, std::vector<std::string>&)> authenticate =
      [](std::string_view token, std::vector<std::string>& audiences) -> std::optional<identity> {
    if (token != "good") return std::nullopt;
    audiences = {"api"};
    return identity{"u", {"g"}, "", {}};
  };

  default_rights rights;

  std::variant<json, status> ask(const char* group, const char* kind, json document,
                                 std::string_view ns = {}) const {
    const kind_info* k = schema::instance().by_kind(group, "v1", kind);
    EXPECT_TRUE(k && is_review(*k));
    document["metadata"] = json::object();
    const identity who{asker, groups, "", {}};
    return answer_review({*k, who, rights, ns, "2024-01-01T00:00:00Z", authenticate},
                         std::move(document));
  }
  json status_of(const char* group, const char* kind, json document,
                 std::string_view ns = {}) const {
    auto answered = ask(group, kind, std::move(document), ns);
    if (auto* bad = std::get_if<status>(&answered)) return bad->message;
    return std::get<json>(answered)["status"];
  }
};

constexpr const char* authn = "authentication.k8s.io";
constexpr const char* authz = "authorization.k8s.io";

TEST_F(Review, TellsWhoOneIs) {
  EXPECT_EQ(status_of(authn, "SelfSubjectReview", json::object()),
            json({{"userInfo", {{"username", asker}, {"groups", groups}}}}));
}

TEST_F(Review, TellsWhoseATokenIs) {
  const json good = {{"spec", {{"token", "good"}}}};
  EXPECT_EQ(
      status_of(authn, "TokenReview", good),
      json::parse(
          R"({"authenticated": true, "audiences": ["api"], "user": {"username": "u", "groups": ["g"]}})"));
  const json bad = {{"spec", {{"token", "bad"}}}};
  EXPECT_EQ(status_of(authn, "TokenReview", bad)["error"], "invalid bearer token");
  EXPECT_EQ(status_of(authn, "TokenReview", {{"spec", json::object()}}),
            "token is required for TokenReview in authentication");
}

TEST_F(Review, TellsWhatTheAuthorizerAllows) {
  const auto may = [&](const char* verb, const char* resource) {
    return status_of(
        authz, "SelfSubjectAccessReview",
        {{"spec", {{"resourceAttributes", {{"verb", verb}, {"resource", resource}}}}}})["allowed"];
  };
  EXPECT_EQ(may("list", "pods"), true);
  EXPECT_EQ(may("list", "secrets"), false);
  EXPECT_EQ(may("*", "*"), false);
  const json version = {
      {"spec", {{"nonResourceAttributes", {{"verb", "get"}, {"path", "/version"}}}}}};
  EXPECT_EQ(status_of(authz, "SelfSubjectAccessReview", version)["allowed"], true);
}

TEST_F(Review, AnotherUserIsJudgedByNameAndGroups) {
  json review = json::parse(R"({"spec": {"user": "admin", "groups": ["system:masters"],
    "resourceAttributes": {"verb": "*", "resource": "*", "group": "*"}}})");
  EXPECT_EQ(status_of(authz, "SubjectAccessReview", review)["allowed"], true);
  review["spec"].erase("groups");
  EXPECT_EQ(status_of(authz, "SubjectAccessReview", review)["allowed"], false);
}

TEST_F(Review, RefusesWhatAsksNothing) {
  struct {
    const char* kind;
    const char* spec;
    const char* field;
  } table[] = {
      {"SelfSubjectAccessReview", "{}", "spec.resourceAttributes"},
      {"SubjectAccessReview", R"({"resourceAttributes": {}})", "spec.user"},
      {"SubjectAccessReview",
       R"({"user": "u", "resourceAttributes": {}, "nonResourceAttributes": {}})",
       "spec.nonResourceAttributes"},
      {"LocalSubjectAccessReview", R"({"user": "u", "resourceAttributes": {"namespace": "b"}})",
       "spec.resourceAttributes.namespace"},
      {"LocalSubjectAccessReview", R"({"user": "u", "nonResourceAttributes": {}})",
       "spec.nonResourceAttributes"}};
  for (const auto& row : table) {
    const auto answered = ask(authz, row.kind, {{"spec", json::parse(row.spec)}}, "a");
    const auto* bad = std::get_if<status>(&answered);
    ASSERT_TRUE(bad) << row.spec;
    EXPECT_EQ(bad->code, 422);
    ASSERT_FALSE(bad->causes.empty());
    EXPECT_EQ(bad->causes.back().field, row.field) << row.spec;
  }
}

TEST_F(Review, ListsWhatOneMayDo) {
  asker = "joe";
  groups = {"system:authenticated"};
  rights.add(json::parse(R"({"kind": "RoleBinding", "metadata": {"namespace": "default",
    "name": "joe-views"}, "roleRef": {"kind": "ClusterRole", "name": "system:kube-aggregator"},
    "subjects": [{"kind": "User", "name": "joe"}]})"));
  const json spec = {{"spec", {{"namespace", "default"}}}};
  const json rules = status_of(authz, "SelfSubjectRulesReview", spec);
  EXPECT_EQ(rules["incomplete"], false);
  EXPECT_THAT(rules["resourceRules"], Contains(json::parse(R"({"verbs": ["get", "list", "watch"],
    "apiGroups": [""], "resources": ["endpoints", "services"]})")));
  EXPECT_THAT(rules["nonResourceRules"][0]["nonResourceURLs"], Contains("/openapi/*"));
  const json elsewhere =
      status_of(authz, "SelfSubjectRulesReview", {{"spec", {{"namespace", "other"}}}});
  EXPECT_EQ(elsewhere["resourceRules"].size(), 2);  // system:basic-user
  EXPECT_EQ(status_of(authz, "SelfSubjectRulesReview", {{"spec", json::object()}}),
            "no namespace on request");
}

TEST_F(Review, ANodesRightsAreNoRules) {
  const json spec = {{"spec", {{"namespace", "default"}}}};
  EXPECT_EQ(status_of(authz, "SelfSubjectRulesReview", spec)["incomplete"], true);
}

TEST_F(Review, AnAdministratorMayDoEverything) {
  groups = {"system:masters"};
  const json spec = {{"spec", {{"namespace", "default"}}}};
  const json rules = status_of(authz, "SelfSubjectRulesReview", spec);
  EXPECT_EQ(rules["incomplete"], false);
  EXPECT_EQ(rules["resourceRules"], json::parse(R"([{"verbs": ["*"], "apiGroups": ["*"],
    "resources": ["*"]}])"));
}

TEST_F(Review, ObjectsAreNoReviews) {
  EXPECT_FALSE(is_review(*schema::instance().by_kind("", "v1", "Pod")));
  EXPECT_FALSE(is_review(*schema::instance().by_kind("", "v1", "Binding")));
}

}  // namespace
}  // namespace troupe::model
