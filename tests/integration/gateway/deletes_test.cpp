// floors: actors/store actors/api net/rest
#include "actors/api/call.hpp"
#include "tests/integration/gateway/control_plane.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using model::json;
using testing::HasSubstr;

constexpr const char* pods = "/api/v1/namespaces/default/pods";
constexpr const char* config_maps = "/api/v1/namespaces/default/configmaps";
constexpr const char* budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

/// What the API answers to deletes and evictions, as a client sees it.
class Deletes : public testing::Test {
 protected:
  test::control_plane cluster_;
  http::client client_ = cluster_.client();

  struct answer {
    int code;
    json body;
    std::string message() const { return model::string_at(body, {"message"}); }
    json at(std::initializer_list<std::string_view> path) const { return model::at(body, path); }
  };
  answer send(const char* method, const std::string& target, const json& body = nullptr) {
    auto r = client_.send(method, target, body.is_null() ? "" : body.dump(), "application/json");
    EXPECT_EQ(r.error, "");
    return {r.code, json::parse(r.body, nullptr, false)};
  }
  static json named(const std::string& name, const json& metadata = json::object()) {
    json object = {{"metadata", {{"name", name}}}};
    object["metadata"].update(metadata);
    return object;
  }
  static std::string item(const char* collection, const std::string& name,
                          const std::string& rest = "") {
    return std::string(collection) + "/" + name + rest;
  }
  bool exists(const std::string& target) { return send("GET", target).code == 200; }

  // A pod on a node, in a phase.
  void run(const std::string& name, const char* phase, bool ready) {
    json p = named(name, {{"labels", {{"app", "web"}}}});
    p["spec"] = {{"nodeName", "n"}, {"containers", {{{"name", "c"}, {"image", "i"}}}}};
    json made = send("POST", pods, p).body;
    made["status"] = {{"phase", phase},
                      {"conditions", {{{"type", "Ready"}, {"status", ready ? "True" : "False"}}}}};
    ASSERT_EQ(send("PUT", item(pods, name, "/status"), made).code, 200);
  }
  void guard(int allowed, int healthy, const std::string& name = "budget") {
    json b = named(name);
    b["apiVersion"] = "policy/v1";
    b["kind"] = "PodDisruptionBudget";
    b["spec"] = {{"minAvailable", 1}, {"selector", {{"matchLabels", {{"app", "web"}}}}}};
    json made = send("POST", budgets, b).body;
    made["status"] = {{"observedGeneration", 1},
                      {"disruptionsAllowed", allowed},
                      {"currentHealthy", healthy},
                      {"desiredHealthy", 1},
                      {"expectedPods", 1}};
    ASSERT_EQ(send("PUT", item(budgets, name, "/status"), made).code, 200);
  }
  answer evict(const std::string& name, const json& options = nullptr,
               const std::string& query = "") {
    json e = named(name);
    e["apiVersion"] = "policy/v1";
    e["kind"] = "Eviction";
    if (!options.is_null()) e["deleteOptions"] = options;
    return send("POST", item(pods, name, "/eviction" + query), e);
  }
};

TEST_F(Deletes, AnswerSuccessAndWhatItWas) {
  const auto made = send("POST", config_maps, named("c"));
  const auto gone = send("DELETE", item(config_maps, "c"));
  EXPECT_EQ(gone.code, 200);
  EXPECT_EQ(
      gone.body,
      json({{"kind", "Status"},
            {"apiVersion", "v1"},
            {"metadata", json::object()},
            {"status", "Success"},
            {"details",
             {{"name", "c"}, {"kind", "configmaps"}, {"uid", made.body["metadata"]["uid"]}}}}));
  EXPECT_EQ(send("DELETE", item(config_maps, "c")).code, 404);
}

TEST_F(Deletes, SomeKindsAnswerTheObject) {
  send("POST", "/api/v1/namespaces/default/serviceaccounts", named("s"));
  const auto gone = send("DELETE", "/api/v1/namespaces/default/serviceaccounts/s");
  EXPECT_EQ(gone.at({"kind"}), "ServiceAccount");
}

TEST_F(Deletes, PutTheFinalizersThatTheCollectorReads) {
  struct {
    const char* what;
    const char* query;
    json options;
    int code;
    json finalizers;
  } const cases[] = {
      {"foreground by the body",
       "",
       {{"propagationPolicy", "Foreground"}},
       200,
       json::array({"foregroundDeletion"})},
      {"orphan by the query", "?propagationPolicy=Orphan", nullptr, 200, json::array({"orphan"})},
      {"the query is read without a body only",
       "?propagationPolicy=Orphan",
       {{"propagationPolicy", "Foreground"}},
       200,
       json::array({"foregroundDeletion"})},
      {"as of old", "?orphanDependents=true", nullptr, 200, json::array({"orphan"})},
  };
  for (const auto& c : cases) {
    send("POST", config_maps, named("c"));
    const auto gone = send("DELETE", item(config_maps, "c", c.query), c.options);
    EXPECT_EQ(gone.code, c.code) << c.what;
    EXPECT_EQ(gone.at({"metadata", "finalizers"}), c.finalizers) << c.what;
    json held = send("GET", item(config_maps, "c")).body;
    EXPECT_TRUE(held["metadata"].contains("deletionTimestamp")) << c.what;
    held["metadata"].erase("finalizers");
    EXPECT_EQ(send("PUT", item(config_maps, "c"), held).code, 200) << c.what;
    EXPECT_FALSE(exists(item(config_maps, "c"))) << c.what;
  }
}

TEST_F(Deletes, ACascadeOfOldThatHasOnlyBegunIsAccepted) {
  send("POST", config_maps, named("c", {{"finalizers", {"a/b"}}}));
  EXPECT_EQ(send("DELETE", item(config_maps, "c"), {{"orphanDependents", false}}).code, 202);
  EXPECT_EQ(send("DELETE", item(config_maps, "c")).code, 200);
}

TEST_F(Deletes, FinalizersCannotBeAddedOnceItHasBegun) {
  send("POST", config_maps, named("c", {{"finalizers", {"a/b"}}}));
  json held = send("DELETE", item(config_maps, "c")).body;
  held["metadata"]["finalizers"] = json::array({"a/b", "c/d"});
  const auto refused = send("PUT", item(config_maps, "c"), held);
  EXPECT_EQ(refused.code, 422);
  EXPECT_EQ(refused.message(),
            "ConfigMap \"c\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be "
            "added if the object is being deleted, found new finalizers []string{\"c/d\"}");
}

TEST_F(Deletes, OfACollectionGoByItsListAndAnswerIt) {
  for (const char* name : {"a", "b", "c"})
    send("POST", config_maps, named(name, {{"labels", {{"app", "x"}}}}));
  const auto dry = send("DELETE", std::string(config_maps) + "?dryRun=All");
  EXPECT_EQ(dry.at({"items"}).size(), 3u);
  EXPECT_TRUE(exists(item(config_maps, "a")));
  const auto some = send("DELETE", std::string(config_maps) + "?limit=2&labelSelector=app%3Dx");
  EXPECT_EQ(some.at({"kind"}), "ConfigMapList");
  EXPECT_EQ(some.at({"items"}).size(), 2u);
  EXPECT_TRUE(some.at({"metadata"}).contains("continue"));
  EXPECT_FALSE(exists(item(config_maps, "b")));
  EXPECT_TRUE(exists(item(config_maps, "c")));
  const auto refused = send("DELETE", config_maps, {{"preconditions", {{"uid", "u"}}}});
  EXPECT_EQ(refused.code, 409);
  EXPECT_TRUE(exists(item(config_maps, "c")));
  EXPECT_EQ(send("DELETE", std::string(config_maps) + "?resourceVersionMatch=Exact").code, 422);
}

TEST_F(Deletes, AnEvictionNeedsABudgetsLeave) {
  run("a", "Running", true);
  run("b", "Running", true);
  guard(1, 2);
  const auto dry = evict("a", nullptr, "?dryRun=All");
  EXPECT_EQ(dry.code, 201);
  EXPECT_EQ(send("GET", item(budgets, "budget")).body["status"]["disruptionsAllowed"], 1);
  const auto first = evict("a", {{"gracePeriodSeconds", 0}});
  EXPECT_EQ(first.code, 201);
  EXPECT_EQ(first.at({"status"}), "Success");
  EXPECT_FALSE(exists(item(pods, "a")));
  const auto status = send("GET", item(budgets, "budget")).body["status"];
  EXPECT_EQ(status["disruptionsAllowed"], 0);
  EXPECT_TRUE(status["disruptedPods"].contains("a"));
  const auto refused = evict("b");
  EXPECT_EQ(refused.code, 429);
  EXPECT_EQ(refused.message(), "Cannot evict pod as it would violate the pod's disruption budget.");
  EXPECT_EQ(refused.at({"details", "causes"}), json::parse(R"([{"reason":"DisruptionBudget",
                "message":"The disruption budget budget needs 1 healthy pods and has 2 currently"}])"));
  EXPECT_FALSE(send("GET", item(pods, "b")).body["metadata"].contains("deletionTimestamp"));
}

TEST_F(Deletes, AnEvictionOfWhatDoesNotCountAsksNoBudget) {
  run("ended", "Succeeded", false);
  run("pending", "Pending", false);
  run("unready", "Running", false);
  run("ready", "Running", true);
  guard(0, 1);
  for (const char* name : {"ended", "pending", "unready"})
    EXPECT_EQ(evict(name, {{"gracePeriodSeconds", 0}}).code, 201) << name;
  EXPECT_EQ(evict("ready").code, 429);
  EXPECT_EQ(send("GET", item(budgets, "budget")).body["status"]["disruptionsAllowed"], 0);
}

TEST_F(Deletes, AnEvictionIsRefusedInKubernetesWords) {
  run("a", "Running", true);
  EXPECT_EQ(evict("none").code, 404);
  const auto other = send("POST", item(pods, "a", "/eviction"), named("b"));
  EXPECT_EQ(other.code, 400);
  EXPECT_EQ(other.message(), "name in URL does not match name in Eviction object");
  guard(1, 1, "one");
  guard(1, 1, "two");
  const auto both = evict("a");
  EXPECT_EQ(both.code, 500);
  EXPECT_THAT(both.message(), HasSubstr("This pod has more than one PodDisruptionBudget"));
}

TEST(DeleteCollection, MayBeLargerThanTheStoresQueue) {
  store_limits limits;
  limits.queue_writes = api::writes_at_once + 100;
  test::control_plane cluster(test::control_plane::plain_options(), {}, limits);
  auto client = cluster.client();
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  const std::size_t count = limits.queue_writes + 100;
  for (std::size_t i = 0; i < count; ++i)
    ASSERT_EQ(client.post(maps, R"({"metadata":{"name":"c)" + std::to_string(i) + R"("}})").code,
              201);
  const auto answer = client.send("DELETE", maps);
  EXPECT_EQ(answer.code, 200) << answer.body.substr(0, 300);
  EXPECT_TRUE(json::parse(client.get(maps).body)["items"].empty());
}

}  // namespace
}  // namespace troupe
