// floors: actors/store actors/api net/rest
#include "tests/integration/gateway/control_plane.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using model::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* pods = "/api/v1/namespaces/default/pods";
constexpr const char* config_maps = "/api/v1/namespaces/default/configmaps";

/// What the API answers to writes, as a client sees it.
class Writes : public testing::Test {
 protected:
  test::control_plane cluster_;
  http::client client_ = cluster_.client();

  struct answer {
    int code;
    json body;
    std::string message() const { return model::string_at(body, {"message"}); }
  };
  answer send(const char* method, const std::string& target, const json& body = nullptr,
              std::string_view type = "application/json") {
    auto r = client_.send(method, target, body.is_null() ? "" : body.dump(), type);
    EXPECT_EQ(r.error, "");
    return {r.code, json::parse(r.body, nullptr, false)};
  }
  static json pod(const std::string& name, const std::string& node = "") {
    json p = {{"metadata", {{"name", name}}},
              {"spec", {{"containers", {{{"name", "c"}, {"image", "i"}}}}}}};
    if (!node.empty()) p["spec"]["nodeName"] = node;
    return p;
  }
  static std::string item(const char* collection, const std::string& name,
                          const std::string& rest = "") {
    return std::string(collection) + "/" + name + rest;
  }
};

TEST_F(Writes, ACreateAnswersTheStoredObject) {
  const auto made = send("POST", pods, pod("a"));
  EXPECT_EQ(made.code, 201);
  EXPECT_EQ(made.body["status"]["phase"], "Pending");
  EXPECT_EQ(made.body["metadata"]["uid"].get<std::string>().size(), 36u);
  EXPECT_EQ(send("GET", item(pods, "a")).body, made.body);
  EXPECT_EQ(send("POST", pods, pod("a")).code, 409);
}

TEST_F(Writes, GeneratedNamesDiffer) {
  const json p = {{"metadata", {{"generateName", "g-"}}}};
  const auto a = send("POST", config_maps, p).body["metadata"]["name"].get<std::string>();
  const auto b = send("POST", config_maps, p).body["metadata"]["name"].get<std::string>();
  EXPECT_THAT(a, StartsWith("g-"));
  EXPECT_EQ(a.size(), 7u);
  EXPECT_NE(a, b);
}

TEST_F(Writes, ADryRunChangesNothing) {
  EXPECT_EQ(send("POST", std::string(pods) + "?dryRun=All", pod("a")).code, 201);
  EXPECT_EQ(send("GET", item(pods, "a")).code, 404);
  send("POST", pods, pod("a"));
  EXPECT_EQ(send("DELETE", item(pods, "a", "?dryRun=All")).code, 200);
  EXPECT_EQ(send("GET", item(pods, "a")).code, 200);
  EXPECT_EQ(send("POST", std::string(pods) + "?dryRun=Some", pod("b")).code, 422);
}

TEST_F(Writes, UnknownFieldsAreRefusedWarnedOfOrIgnored) {
  json p = pod("a");
  p["spec"]["colour"] = "red";
  const auto strict = send("POST", std::string(pods) + "?fieldValidation=Strict", p);
  EXPECT_EQ(strict.code, 400);
  EXPECT_THAT(strict.message(), HasSubstr("unknown field \"spec.colour\""));
  const auto made = send("POST", pods, p);
  EXPECT_EQ(made.code, 201);
  EXPECT_FALSE(made.body["spec"].contains("colour"));
}

TEST_F(Writes, AnUpdateWithAnOldVersionConflicts) {
  auto cm = send("POST", config_maps, {{"metadata", {{"name", "c"}}}}).body;
  cm["data"] = {{"a", "1"}};
  EXPECT_EQ(send("PUT", item(config_maps, "c"), cm).code, 200);
  cm["data"] = {{"a", "2"}};
  const auto late = send("PUT", item(config_maps, "c"), cm);
  EXPECT_EQ(late.code, 409);
  EXPECT_THAT(late.message(), HasSubstr("the object has been modified"));
  cm["metadata"].erase("resourceVersion");
  EXPECT_EQ(send("PUT", item(config_maps, "c"), cm).code, 200);
}

TEST_F(Writes, AChangeOfNothingIsNoWrite) {
  const auto made = send("POST", config_maps, {{"metadata", {{"name", "c"}}}}).body;
  EXPECT_EQ(send("PUT", item(config_maps, "c"), made).body["metadata"]["resourceVersion"],
            made["metadata"]["resourceVersion"]);
  EXPECT_EQ(send("PATCH", item(config_maps, "c"), json::object(), "application/merge-patch+json")
                .body["metadata"]["resourceVersion"],
            made["metadata"]["resourceVersion"]);
}

TEST_F(Writes, StatusAndSpecAreKeptApart) {
  auto p = send("POST", pods, pod("a")).body;
  p["status"]["phase"] = "Running";
  p["metadata"]["labels"]["x"] = "y";
  auto got = send("PUT", item(pods, "a"), p);
  EXPECT_EQ(got.body["status"]["phase"], "Pending");
  EXPECT_EQ(got.body["metadata"]["labels"]["x"], "y");
  p = got.body;
  p["status"]["phase"] = "Running";
  p["spec"]["containers"][0]["image"] = "other";
  got = send("PUT", item(pods, "a", "/status"), p);
  EXPECT_EQ(got.body["status"]["phase"], "Running");
  EXPECT_EQ(got.body["spec"]["containers"][0]["image"], "i");
}

TEST_F(Writes, ABoundPodIsDeletedGracefully) {
  send("POST", pods, pod("a", "n1"));
  const auto first = send("DELETE", item(pods, "a"));
  EXPECT_EQ(first.body["metadata"]["deletionGracePeriodSeconds"], 30);
  EXPECT_EQ(send("GET", item(pods, "a")).code, 200);
  const auto shorter = send("DELETE", item(pods, "a"), {{"gracePeriodSeconds", 5}});
  EXPECT_EQ(shorter.body["metadata"]["deletionGracePeriodSeconds"], 5);
  EXPECT_EQ(send("DELETE", item(pods, "a", "?gracePeriodSeconds=0")).code, 200);
  EXPECT_EQ(send("GET", item(pods, "a")).code, 404);
}

TEST_F(Writes, ADeleteHeedsItsPreconditions) {
  send("POST", pods, pod("a"));
  const auto refused = send("DELETE", item(pods, "a"), {{"preconditions", {{"uid", "u"}}}});
  EXPECT_EQ(refused.code, 409);
  EXPECT_THAT(refused.message(), HasSubstr("Precondition failed: UID in precondition: u"));
}

TEST_F(Writes, AFinalizerHoldsADeletedObjectUntilItIsGone) {
  send("POST", config_maps, {{"metadata", {{"name", "c"}, {"finalizers", {"a.b/c"}}}}});
  send("DELETE", item(config_maps, "c"));
  EXPECT_TRUE(send("GET", item(config_maps, "c")).body["metadata"].contains("deletionTimestamp"));
  send("PATCH", item(config_maps, "c"), {{"metadata", {{"finalizers", nullptr}}}},
       "application/merge-patch+json");
  EXPECT_EQ(send("GET", item(config_maps, "c")).code, 404);
}

TEST_F(Writes, ACollectionIsDeletedBySelector) {
  for (const char* name : {"a", "b", "c"})
    send("POST", config_maps,
         {{"metadata",
           {{"name", name}, {"labels", {{"last", name == std::string("c") ? "y" : "n"}}}}}});
  const auto gone = send("DELETE", std::string(config_maps) + "?labelSelector=last%3Dn");
  EXPECT_EQ(gone.body["items"].size(), 2u);
  EXPECT_EQ(send("GET", config_maps).body["items"].size(), 1u);
}

TEST_F(Writes, TypesOfPatchesThatAreNotServedAreRefused) {
  send("POST", config_maps, {{"metadata", {{"name", "c"}}}});
  EXPECT_EQ(
      send("PATCH", item(config_maps, "c"), json::object(), "application/apply-patch+yaml").code,
      415);
  EXPECT_EQ(send("PATCH", item(config_maps, "c"), json::object(), "text/plain").code, 415);
}

TEST_F(Writes, PatchesOfOneObjectAtOnceAllCount) {
  send("POST", config_maps, {{"metadata", {{"name", "c"}}}, {"data", {{"x", "y"}}}});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      auto c = cluster_.client();
      for (int n = 0; n < 20; ++n) {
        const json patch = {{"data", {{std::to_string(i) + "-" + std::to_string(n), "1"}}}};
        int code = 0;
        do
          code =
              c.send("PATCH", item(config_maps, "c"), patch.dump(), "application/merge-patch+json")
                  .code;
        while (code == 409);
        EXPECT_EQ(code, 200);
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(send("GET", item(config_maps, "c")).body["data"].size(), 81u);
}

TEST_F(Writes, ALogNeedsAContainersName) {
  json p = pod("a");
  p["spec"]["containers"].push_back({{"name", "d"}, {"image", "i"}});
  send("POST", pods, p);
  const auto refused = send("GET", item(pods, "a", "/log"));
  EXPECT_EQ(refused.code, 400);
  EXPECT_EQ(refused.message(),
            "a container name must be specified for pod a, choose one of: [c d]");
  EXPECT_EQ(send("GET", item(pods, "a", "/log?container=x")).message(),
            "container x is not valid for pod a");
  EXPECT_EQ(send("GET", item(pods, "a", "/log?container=c")).code, 200);
}

}  // namespace
}  // namespace troupe
