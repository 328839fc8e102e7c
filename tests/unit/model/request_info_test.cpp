// floors: model
#include "model/request_info.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

request_info info_of(std::string_view method, std::string_view target) {
  auto parsed = parse_request(method, target);
  EXPECT_TRUE(std::holds_alternative<request_info>(parsed)) << target;
  return std::get<request_info>(parsed);
}

struct row {
  const char *method, *target, *verb, *group, *version, *ns, *resource, *name, *subresource;
};

TEST(RequestInfo, UnderstandsResourcePaths) {
  const row table[] = {
      {"GET", "/api/v1/namespaces", "list", "", "v1", "", "namespaces", "", ""},
      {"GET", "/api/v1/namespaces/other", "get", "", "v1", "other", "namespaces", "other", ""},
      {"PUT", "/api/v1/namespaces/other/finalize", "update", "", "v1", "other", "namespaces",
       "other", "finalize"},
      {"GET", "/api/v1/namespaces/other/pods", "list", "", "v1", "other", "pods", "", ""},
      {"GET", "/api/v1/namespaces/other/pods/foo", "get", "", "v1", "other", "pods", "foo", ""},
      {"HEAD", "/api/v1/namespaces/other/pods/foo", "get", "", "v1", "other", "pods", "foo", ""},
      {"GET", "/api/v1/pods", "list", "", "v1", "", "pods", "", ""},
      {"GET", "/api/v1/pods/", "list", "", "v1", "", "pods", "", ""},
      {"GET", "/api/v1/pods?watch=true", "watch", "", "v1", "", "pods", "", ""},
      {"GET", "/api/v1/pods?watch", "watch", "", "v1", "", "pods", "", ""},
      {"GET", "/api/v1/pods?watch=false", "list", "", "v1", "", "pods", "", ""},
      {"GET", "/api/v1/pods?watch=0", "list", "", "v1", "", "pods", "", ""},
      {"GET", "/api/v1/watch/pods", "watch", "", "v1", "", "pods", "", ""},
      {"GET", "/api/v1/watch/namespaces/other/pods/foo", "watch", "", "v1", "other", "pods", "foo",
       ""},
      {"GET", "/api/v1/pods?fieldSelector=metadata.name%3Dfoo", "list", "", "v1", "", "pods", "foo",
       ""},
      {"GET", "/api/v1/pods?fieldSelector=metadata.name%3Da%2Fb", "list", "", "v1", "", "pods", "",
       ""},
      {"GET", "/api/v1/namespaces/other/pods/foo/log?follow=true", "get", "", "v1", "other", "pods",
       "foo", "log"},
      {"GET", "/api/v1/namespaces/other/pods/foo/proxy/a/b", "get", "", "v1", "other", "pods",
       "foo", "proxy"},
      {"POST", "/api/v1/namespaces/other/pods/foo/binding", "create", "", "v1", "other", "pods",
       "foo", "binding"},
      {"POST", "/api/v1/namespaces/other/pods", "create", "", "v1", "other", "pods", "", ""},
      {"PATCH", "/api/v1/nodes/n1/status", "patch", "", "v1", "", "nodes", "n1", "status"},
      {"DELETE", "/api/v1/namespaces/other/pods/foo", "delete", "", "v1", "other", "pods", "foo",
       ""},
      {"DELETE", "/api/v1/namespaces/other/pods", "deletecollection", "", "v1", "other", "pods", "",
       ""},
      {"GET", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/a", "get",
       "coordination.k8s.io", "v1", "kube-system", "leases", "a", ""},
      {"GET", "/api/v1/namespaces/a%2Db/pods", "list", "", "v1", "a-b", "pods", "", ""}};
  for (const row& r : table) {
    const auto i = info_of(r.method, r.target);
    EXPECT_TRUE(i.is_resource) << r.target;
    EXPECT_EQ(i.verb, r.verb) << r.target;
    EXPECT_EQ(i.group, r.group) << r.target;
    EXPECT_EQ(i.version, r.version) << r.target;
    EXPECT_EQ(i.ns, r.ns) << r.target;
    EXPECT_EQ(i.resource, r.resource) << r.target;
    EXPECT_EQ(i.name, r.name) << r.target;
    EXPECT_EQ(i.subresource, r.subresource) << r.target;
  }
}

TEST(RequestInfo, OtherPathsHaveTheMethodAsVerb) {
  for (const char* target : {"/", "/api", "/api/v1", "/api/v1/", "/apis", "/apis/apps",
                             "/apis/apps/v1", "/healthz", "/openapi/v3/api/v1"}) {
    const auto i = info_of("GET", target);
    EXPECT_FALSE(i.is_resource) << target;
    EXPECT_EQ(i.verb, "get") << target;
  }
  EXPECT_EQ(info_of("POST", "/version").verb, "post");
}

TEST(RequestInfo, DecodesTheQuery) {
  const auto i = info_of("GET", "/api/v1/pods?labelSelector=a%20in+%28b%29&limit=5&limit=6&x");
  EXPECT_EQ(i.parameter("labelSelector"), "a in (b)");
  EXPECT_EQ(i.parameter("limit"), "5");
  EXPECT_EQ(i.parameter("missing"), "");
  EXPECT_TRUE(i.flag("x"));
  EXPECT_FALSE(i.flag("missing"));
  EXPECT_EQ(info_of("GET", "/apis/apps/v1/deployments").group_resource(), "deployments.apps");
  EXPECT_EQ(info_of("GET", "/api/v1/a+b").resource, "a+b");
}

TEST(RequestInfo, RefusesBrokenTargets) {
  for (const std::string& target :
       {std::string("/api/v1/po%zz"), std::string("/api/v1/pods%2"), std::string("/api/v1/pods%00"),
        std::string("/api/v1/pods?a=%"), std::string("api/v1"), std::string(),
        "/" + std::string(8192, 'a')}) {
    const auto parsed = parse_request("GET", target);
    ASSERT_TRUE(std::holds_alternative<status>(parsed)) << target;
    EXPECT_EQ(std::get<status>(parsed).code, 400);
  }
}

}  // namespace
}  // namespace troupe::model
