// floors: model
#include "model/kubelet/pull_secrets.hpp"

#include "model/base64.hpp"

#include <gmock/gmock.h>

namespace troupe::model::kubelet {
namespace {

json secret(const json& auths) {
  return {{"type", "kubernetes.io/dockerconfigjson"},
          {"data", {{".dockerconfigjson", to_base64(json{{"auths", auths}}.dump())}}}};
}

std::string users_for(const std::string& image, const json& auths) {
  std::string out;
  for (const auto& login : logins_for(image, {secret(auths)}))
    out += (out.empty() ? "" : " ") + login.username;
  return out;
}

TEST(PullSecrets, AreOfTheRegistryOfTheImage) {
  const json auths = {{"https://index.docker.io/v1/", {{"username", "hub"}}},
                      {"registry.example.com", {{"username", "all"}}},
                      {"registry.example.com/team", {{"username", "team"}}},
                      {"https://registry.example.com:5000/v2/", {{"username", "port"}}},
                      {"*.cloud.example", {{"username", "any"}}},
                      {"a*b*c.parts.example", {{"username", "parts"}}},
                      {"localhost:5001", {{"username", "local"}}}};
  struct {
    const char* image;
    const char* users;  // the most particular first
  } const table[] = {
      {"busybox", "hub"},
      {"busybox:1.35", "hub"},
      {"docker.io/library/busybox@sha256:00", "hub"},
      {"team/app", "hub"},
      {"registry.example.com/other/app:1", "all"},
      {"registry.example.com/team/app", "team all"},
      {"registry.example.com:5000/app", "port"},
      {"eu.cloud.example/app", "any"},
      {"a.eu.cloud.example/app", ""},
      {"cloud.example/app", ""},
      {"a-b-c.parts.example/app", "parts"},
      {"abbc.parts.example/app", "parts"},
      {"ac-b.parts.example/app", ""},
      {"localhost:5001/app:2", "local"},
      {"registry.example.org/app", ""},
  };
  for (const auto& row : table) EXPECT_EQ(users_for(row.image, auths), row.users) << row.image;
}

TEST(PullSecrets, HoldUserAndPasswordInOneOrTwo) {
  const auto one = logins_for("r.io/a", {secret({{"r.io", {{"auth", to_base64("me:se:cret")}}}})});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].username, "me");
  EXPECT_EQ(one[0].password, "se:cret");
  json old = {{"type", "kubernetes.io/dockercfg"}};
  old["data"][".dockercfg"] = to_base64(R"({"r.io":{"username":"old","password":"p"}})");
  const auto two = logins_for("r.io/a", {old});
  ASSERT_EQ(two.size(), 1u);
  EXPECT_EQ(two[0].username, "old");
}

TEST(PullSecrets, WhatCannotBeReadSaysNothing) {
  for (const json& bad :
       {json(), json{{"type", "Opaque"}}, json{{"type", "kubernetes.io/dockerconfigjson"}},
        json{{"type", "kubernetes.io/dockerconfigjson"}, {"data", {{".dockerconfigjson", "%%"}}}},
        json{{"type", "kubernetes.io/dockerconfigjson"},
             {"data", {{".dockerconfigjson", to_base64("[1]")}}}}})
    EXPECT_TRUE(logins_for("r.io/a", {bad}).empty()) << bad;
}

}  // namespace
}  // namespace troupe::model::kubelet
