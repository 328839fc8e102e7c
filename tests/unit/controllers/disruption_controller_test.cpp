// floors: actors/controllers actors/events actors/api actors/store
#include "actors/controllers/custom_resources.hpp"
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

const std::string core = "/api/v1/namespaces/default/";
const std::string budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

class Disruption : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    running.push_back(spawn_disruption_controller(sys, options));
    sched.run();
  }
  json get(const std::string& path) { return json::parse(ask("GET", path).body.bytes()); }
  void budget(const char* spec) {
    auto b = named("PodDisruptionBudget", "b");
    b["apiVersion"] = "policy/v1";
    b["spec"] = json::parse(spec);
    b["spec"]["selector"]["matchLabels"]["app"] = "web";
    ASSERT_EQ(code("POST", budgets, b), 201);
  }
  void pod(const std::string& name, const json& labels = {{"app", "web"}}) {
    auto p = pod_on(name, "n1");
    p["metadata"]["labels"] = labels;
    p["spec"]["terminationGracePeriodSeconds"] = 30;
    ASSERT_EQ(code("POST", core + "pods", p), 201);
    condition(name, "Ready", "");
  }
  void condition(const std::string& name, const char* type, const char* reason) {
    auto p = get(core + "pods/" + name);
    p["status"]["phase"] = "Running";
    p["status"]["conditions"].push_back(json({{"type", type},
                                              {"status", "True"},
                                              {"reason", reason},
                                              {"lastTransitionTime", model::to_rfc3339(now)}}));
    ASSERT_EQ(code("PUT", core + "pods/" + name + "/status", p), 200);
  }
  std::int64_t allowed() {
    return get(budgets + "/b")["status"].value("disruptionsAllowed", std::int64_t{-1});
  }
  int evict(const std::string& name) {
    auto e = named("Eviction", name);
    e["apiVersion"] = "policy/v1";
    return code("POST", core + "pods/" + name + "/eviction", e);
  }
};

TEST_F(Disruption, ABudgetFollowsItsPodsAndLimitsEvictions) {
  budget(R"({"minAvailable":2})");
  sched.run();
  EXPECT_EQ(allowed(), 0);
  for (const char* name : {"a", "b", "c"}) pod(name);
  pod("other", {{"app", "db"}});
  sched.run();
  const auto status = get(budgets + "/b")["status"];
  EXPECT_EQ(status["expectedPods"], 3);
  EXPECT_EQ(status["currentHealthy"], 3);
  EXPECT_EQ(allowed(), 1);
  EXPECT_EQ(evict("a"), 201);
  EXPECT_EQ(evict("b"), 429);
  sched.run();
  EXPECT_EQ(get(budgets + "/b")["status"]["currentHealthy"], 2);  // a is on its way
  EXPECT_FALSE(get(budgets + "/b")["status"].contains("disruptedPods"));
  const auto evicted = get(core + "pods/a")["status"]["conditions"].back();
  EXPECT_EQ(evicted["type"], "DisruptionTarget");
  EXPECT_EQ(evicted["reason"], "EvictionByEvictionAPI");
  EXPECT_EQ(evicted["message"], "Eviction API: evicting");
  pod("d");
  sched.run();
  EXPECT_EQ(evict("b"), 201);
}

TEST_F(Disruption, ACustomKindWithAScaleSaysHowManyPodsThereShouldBe) {
  running.push_back(spawn_custom_resource_controller(sys, options));
  const auto define = [&](const std::string& plural, const char* kind, json subresources) {
    const json schema = {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
    const json version = {{"name", "v1"},
                          {"served", true},
                          {"storage", true},
                          {"subresources", std::move(subresources)},
                          {"schema", {{"openAPIV3Schema", schema}}}};
    auto d = named("CustomResourceDefinition", plural + ".example.com");
    d["apiVersion"] = "apiextensions.k8s.io/v1";
    d["spec"] = {{"group", "example.com"},
                 {"scope", "Namespaced"},
                 {"names", {{"kind", kind}, {"plural", plural}}},
                 {"versions", json::array({version})}};
    ASSERT_EQ(code("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", d), 201);
    pass(1s);
    auto owner = named(kind, "o");
    owner["apiVersion"] = "example.com/v1";
    owner["spec"]["size"] = 4;
    ASSERT_EQ(code("POST", "/apis/example.com/v1/namespaces/default/" + plural, owner), 201);
  };
  define("flocks", "Flock",
         {{"scale", {{"specReplicasPath", ".spec.size"}, {"statusReplicasPath", ".status.size"}}}});
  define("heaps", "Heap", {{"status", json::object()}});
  const auto owned_pod = [&](const std::string& name, const std::string& plural, const char* kind) {
    const auto owner = get("/apis/example.com/v1/namespaces/default/" + plural + "/o");
    auto p = pod_on(name, "n1");
    p["metadata"]["labels"]["app"] = "web";
    p["metadata"]["ownerReferences"] = json::array({{{"apiVersion", "example.com/v1"},
                                                     {"kind", kind},
                                                     {"name", "o"},
                                                     {"uid", owner["metadata"]["uid"]},
                                                     {"controller", true}}});
    ASSERT_EQ(code("POST", core + "pods", p), 201);
    condition(name, "Ready", "");
  };
  budget(R"({"maxUnavailable":2})");
  for (const char* name : {"a", "b", "c"}) owned_pod(name, "flocks", "Flock");
  sched.run();
  auto status = get(budgets + "/b")["status"];
  EXPECT_EQ(status["expectedPods"], 4);
  EXPECT_EQ(status["desiredHealthy"], 2);
  EXPECT_EQ(allowed(), 1);
  owned_pod("d", "heaps", "Heap");
  sched.run();
  status = get(budgets + "/b")["status"];
  EXPECT_EQ(allowed(), 0);
  EXPECT_EQ(status["conditions"][0]["reason"], "SyncFailed");
  EXPECT_EQ(status["conditions"][0]["message"],
            "heaps.example.com does not implement the scale subresource");
}

TEST_F(Disruption, AnEvictionThatDidNotHappenIsForgotten) {
  for (const char* name : {"a", "b"}) pod(name);
  budget(R"({"minAvailable":1})");
  sched.run();
  auto b = get(budgets + "/b");
  b["status"]["disruptedPods"]["a"] = model::to_rfc3339(now);
  ASSERT_EQ(code("PUT", budgets + "/b/status", b), 200);
  sched.run();
  EXPECT_EQ(allowed(), 0);
  pass(119s);
  EXPECT_EQ(allowed(), 0);
  pass(4s);
  EXPECT_EQ(allowed(), 1);
  EXPECT_FALSE(get(budgets + "/b")["status"].contains("disruptedPods"));
}

TEST_F(Disruption, AChangedSelectorCountsOtherPods) {
  pod("a");
  pod("b", {{"app", "db"}});
  pod("c", {{"app", "db"}});
  budget(R"({"minAvailable":1})");
  sched.run();
  EXPECT_EQ(get(budgets + "/b")["status"]["expectedPods"], 1);
  auto b = get(budgets + "/b");
  b["spec"]["selector"]["matchLabels"]["app"] = "db";
  ASSERT_EQ(code("PUT", budgets + "/b", b), 200);
  sched.run();
  EXPECT_EQ(get(budgets + "/b")["status"]["expectedPods"], 2);
  EXPECT_EQ(get(budgets + "/b")["status"]["observedGeneration"], 2);
}

TEST_F(Disruption, AThreatToAPodIsTakenBack) {
  pod("a");
  condition("a", "DisruptionTarget", "PreemptionByScheduler");
  const auto target = [&] {
    const auto pod = get(core + "pods/a");
    for (const json& c : pod["status"]["conditions"])
      if (c["type"] == "DisruptionTarget") return c["status"].get<std::string>();
    return std::string();
  };
  pass(118s);
  EXPECT_EQ(target(), "True");
  pass(5s);
  EXPECT_EQ(target(), "False");
}

}  // namespace
}  // namespace troupe
