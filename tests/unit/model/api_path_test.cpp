// floors: model
#include "model/api_path.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(ApiPath, NamesVersionsCollectionsAndObjects) {
  EXPECT_EQ(version_path("v1"), "/api/v1");
  EXPECT_EQ(version_path("apps/v1"), "/apis/apps/v1");
  const struct {
    const char* resource;
    const char* ns;
    const char* name;
    const char* path;
  } table[] = {
      {"pods", "", "", "/api/v1/pods"},
      {"pods", "default", "", "/api/v1/namespaces/default/pods"},
      {"pods", "default", "web", "/api/v1/namespaces/default/pods/web"},
      {"deployments.apps", "default", "web", "/apis/apps/v1/namespaces/default/deployments/web"},
      {"nodes", "", "node1", "/api/v1/nodes/node1"},
      {"nodes", "default", "node1", "/api/v1/nodes/node1"},
      {"namespaces", "", "default", "/api/v1/namespaces/default"},
      {"clusterroles.rbac.authorization.k8s.io", "", "system:node",
       "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode"},
  };
  for (const auto& row : table) {
    const auto* kind = schema::instance().by_resource(row.resource);
    ASSERT_TRUE(kind) << row.resource;
    EXPECT_EQ(resource_path(*kind, row.ns, row.name), row.path);
  }
}

TEST(ApiPath, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encoded("a-Z_0.9~"), "a-Z_0.9~");
  EXPECT_EQ(percent_encoded("app in (a, b)"), "app%20in%20%28a%2C%20b%29");
  EXPECT_EQ(percent_encoded("\xc3\xbc%/"), "%C3%BC%25%2F");
}

}  // namespace
}  // namespace troupe::model
