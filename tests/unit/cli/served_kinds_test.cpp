// floors: cli
#include "cli/commands/served_kinds.hpp"

#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using model::json;

json resource(const char* plural, const char* kind, std::vector<std::string> short_names = {},
              const char* singular = "") {
  return {{"resource", plural},
          {"responseKind", {{"group", ""}, {"version", ""}, {"kind", kind}}},
          {"scope", "Namespaced"},
          {"singularResource", singular},
          {"shortNames", short_names},
          {"categories", {"goods"}},
          {"verbs", {"get", "list"}}};
}

json group(const char* name, const std::vector<std::pair<const char*, json>>& versions) {
  json out = {{"metadata", {{"name", name}}}, {"versions", json::array()}};
  for (const auto& [version, resources] : versions)
    out["versions"].push_back({{"version", version}, {"resources", resources}});
  return out;
}

// As a cluster with a custom group and an extension server answers.
json discovered() {
  const json widgets = json::array({resource("widgets", "Widget", {"wd"}, "widget")});
  json discovery;
  discovery["items"] =
      json::array({group("apps", {{"v1", json::array({resource("deployments", "Deployment")})}}),
                   group("shop.io", {{"v2", widgets}, {"v1", widgets}}),
                   group("far.io", {{"v1", json::array({resource("flunders", "Flunder")})}})});
  return discovery;
}

const served_kinds& cluster() {
  static const served_kinds kinds(discovered());
  return kinds;
}

TEST(ServedKinds, AreFoundByWhatAUserTypes) {
  struct {
    const char* typed;
    const char* path;  // group/version/plural; "" when there is none
  } const table[] = {
      {"widgets", "shop.io/v2/widgets"},
      {"WIDGET", "shop.io/v2/widgets"},
      {"wd", "shop.io/v2/widgets"},
      {"wd.shop.io", "shop.io/v2/widgets"},
      {"widgets.v1.shop.io", "shop.io/v1/widgets"},
      {"widgets.v3.shop.io", ""},
      {"widgets.far.io", ""},
      {"flunder", "far.io/v1/flunders"},  // an old server may leave the singular out
      {"gadgets", ""},
      {"deployments", ""},  // the schema knows it
      {"", ""},
      {".", ""},
  };
  for (const auto& row : table) {
    const auto* kind = cluster().by_argument(row.typed);
    const std::string found =
        kind ? kind->api_version() + "/" + std::string(kind->plural) : std::string();
    EXPECT_EQ(found, row.path) << row.typed;
  }
}

TEST(ServedKinds, AreFoundByManifest) {
  EXPECT_TRUE(cluster().by_kind("shop.io", "v1", "Widget"));
  EXPECT_FALSE(cluster().by_kind("shop.io", "v1", "widget"));
  EXPECT_FALSE(cluster().by_kind("shop.io", "v3", "Widget"));
}

TEST(ServedKinds, CountOnceInTheirPreferredVersion) {
  ASSERT_EQ(cluster().kinds().size(), 2u);
  EXPECT_EQ(cluster().kinds()[0]->version, "v2");
  EXPECT_EQ(cluster().kinds()[0]->resource, "widgets.shop.io");
}

TEST(ServedKinds, AnAnswerThatIsNoneHasNone) {
  for (const json& answer : {json(), json::array(), json{{"items", 3}}, json{{"items", {1, "x"}}}})
    EXPECT_TRUE(served_kinds(answer).kinds().empty()) << answer;
}

}  // namespace
}  // namespace troupe::cli
