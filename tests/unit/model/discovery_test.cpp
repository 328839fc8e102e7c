// floors: model
#include "model/discovery.hpp"

#include "model/json.hpp"
#include "model/openapi.hpp"

#include <gmock/gmock.h>

#include <set>

namespace troupe::model {
namespace {

json parsed(const document& d) {
  EXPECT_TRUE(d);
  return d ? json::parse(*d.text) : json();
}

const json* named(const json& list, const char* key, const char* name) {
  for (const json& item : list)
    if (item.value(key, "") == name) return &item;
  return nullptr;
}

TEST(Discovery, ListsGroupsAndResources) {
  EXPECT_EQ(parsed(discovery_text("/api"))["versions"], json({"v1"}));
  const json groups = parsed(discovery_text("/apis"));
  EXPECT_EQ(groups["kind"], "APIGroupList");
  const json* scaling = named(groups["groups"], "name", "autoscaling");
  ASSERT_TRUE(scaling);
  EXPECT_EQ((*scaling)["preferredVersion"]["groupVersion"], "autoscaling/v2");
  EXPECT_EQ(parsed(discovery_text("/apis/coordination.k8s.io"))["kind"], "APIGroup");

  const json core = parsed(discovery_text("/api/v1/"));
  EXPECT_EQ(core["groupVersion"], "v1");
  const json* pods = named(core["resources"], "name", "pods");
  ASSERT_TRUE(pods);
  json pod = *pods;
  EXPECT_EQ(pod["storageVersionHash"].get<std::string>().size(), 12u) << "8 bytes in base64";
  pod.erase("storageVersionHash");
  EXPECT_EQ(pod, json::parse(R"({"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod",
    "shortNames":["po"],"categories":["all"],
    "verbs":["create","delete","deletecollection","get","list","patch","update","watch"]})"));
  const json of_v1 = parsed(discovery_text("/apis/autoscaling/v1"));
  const json of_v2 = parsed(discovery_text("/apis/autoscaling/v2"));
  const char* scaler = "horizontalpodautoscalers";
  EXPECT_EQ((*named(of_v1["resources"], "name", scaler))["storageVersionHash"],
            (*named(of_v2["resources"], "name", scaler))["storageVersionHash"])
      << "stored as one";
  const json* eviction = named(core["resources"], "name", "pods/eviction");
  ASSERT_TRUE(eviction);
  EXPECT_EQ((*eviction)["group"], "policy");
  for (const char* unknown : {"/apis/nosuch", "/api/v2", "", "/apis/apps/v2", "/apix"})
    EXPECT_FALSE(discovery_text(unknown)) << unknown;
}

TEST(Discovery, TheRootListsThePaths) {
  const json paths = parsed(discovery_text("/"))["paths"];
  for (const char* path : {"/api/v1", "/apis/apps", "/apis/apps/v1", "/healthz", "/openapi/v3"})
    EXPECT_THAT(paths, testing::Contains(path));
}

TEST(Discovery, GivesEverythingInOneDocumentWhenAsked) {
  const document d = discovery_text("/apis", discovery_format::aggregated_v2);
  EXPECT_EQ(d.content_type, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_FALSE(d.etag.empty());
  const json apis = parsed(d);
  EXPECT_EQ(apis["apiVersion"], "apidiscovery.k8s.io/v2");
  EXPECT_EQ(apis["items"][0]["metadata"]["name"], "apiregistration.k8s.io");
  const json core = parsed(discovery_text("/api", discovery_format::aggregated_v2beta1));
  const json* pods = named(core["items"][0]["versions"][0]["resources"], "resource", "pods");
  ASSERT_TRUE(pods);
  EXPECT_EQ((*pods)["scope"], "Namespaced");
  const json* binding = named((*pods)["subresources"], "subresource", "binding");
  ASSERT_TRUE(binding);
  EXPECT_EQ((*binding)["responseKind"]["kind"], "Binding");
  EXPECT_EQ(parsed(discovery_text("/api/v1", discovery_format::aggregated_v2))["kind"],
            "APIResourceList");
}

TEST(Discovery, TakesTheFirstFormItCanGive) {
  const std::pair<const char*, discovery_format> table[] = {
      {"", discovery_format::plain},
      {"application/json", discovery_format::plain},
      {"application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
       "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json",
       discovery_format::aggregated_v2},
      {"application/json; g=apidiscovery.k8s.io; v=v2beta1; as=APIGroupDiscoveryList",
       discovery_format::aggregated_v2beta1},
      {"application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,*/*",
       discovery_format::plain},
      {"application/vnd.kubernetes.protobuf,application/json;g=apidiscovery.k8s.io;v=v2;"
       "as=APIGroupDiscoveryList",
       discovery_format::aggregated_v2}};
  for (const auto& [accept, format] : table)
    EXPECT_EQ(discovery_format_of(accept), format) << accept;
}

/// Every "$ref" of the document, and whether it leads somewhere.
void follow(const json& node, const json& root, std::set<std::string>& broken) {
  if (node.is_object() && node.contains("$ref") && node["$ref"].is_string()) {
    const std::string target = node["$ref"].get<std::string>().substr(1);
    if (!root.contains(json::json_pointer(target))) broken.insert(target);
  }
  for (const json& child : node)
    if (child.is_structured()) follow(child, root, broken);
}

TEST(OpenApi, IndexLeadsToCompleteDocuments) {
  const json index = parsed(openapi_text("/openapi/v3"));
  ASSERT_TRUE(index["paths"].contains("api/v1"));
  for (const auto& [name, entry] : index["paths"].items()) {
    const document d = openapi_text("/openapi/v3/" + name);
    const json content = parsed(d);
    EXPECT_EQ(entry["serverRelativeURL"],
              "/openapi/v3/" + name + "?hash=" + d.etag.substr(1, d.etag.size() - 2));
    std::set<std::string> broken;
    follow(content, content, broken);
    EXPECT_TRUE(broken.empty()) << name << ": " << *broken.begin();
  }
  const json v2 = parsed(openapi_text("/openapi/v2"));
  std::set<std::string> broken;
  follow(v2, v2, broken);
  EXPECT_TRUE(broken.empty()) << *broken.begin();
  for (const char* unknown : {"/openapi/v3/", "/openapi/v3/api/v2", "/openapi/v4", "/openapi"})
    EXPECT_FALSE(openapi_text(unknown)) << unknown;
}

TEST(OpenApi, TellsClientsThatPatchesValidateFields) {
  const json core = parsed(openapi_text("/openapi/v3/api/v1"));
  const json& patch = core["paths"]["/api/v1/namespaces/{namespace}/pods/{name}"]["patch"];
  EXPECT_EQ(patch["x-kubernetes-group-version-kind"],
            json({{"group", ""}, {"version", "v1"}, {"kind", "Pod"}}));
  EXPECT_TRUE(named(patch["parameters"], "name", "fieldValidation"));
  EXPECT_FALSE(core["paths"].contains("/api/v1/namespaces/{namespace}/bindings/{name}"));
}

TEST(OpenApi, TellsClientsHowListsMerge) {
  const json core = parsed(openapi_text("/openapi/v3/api/v1"));
  const json& spec = core["components"]["schemas"]["io.k8s.api.core.v1.PodSpec"];
  const json& containers = spec["properties"]["containers"];
  EXPECT_EQ(containers["x-kubernetes-patch-merge-key"], "name");
  EXPECT_EQ(containers["x-kubernetes-patch-strategy"], "merge");
  EXPECT_EQ(containers["x-kubernetes-list-map-keys"], json({"name"}));
  EXPECT_EQ(spec["required"], json({"containers"}));
  EXPECT_EQ(spec["properties"]["volumes"]["x-kubernetes-patch-strategy"], "merge,retainKeys");
}

TEST(OpenApi, IsSharedWhileHeldAndMadeAnewAfterwards) {
  const document first = openapi_text("/openapi/v3/api/v1");
  const document second = openapi_text("/openapi/v3/api/v1");
  EXPECT_EQ(first.text, second.text);
  EXPECT_EQ(first.etag, second.etag);
}

}  // namespace
}  // namespace troupe::model
