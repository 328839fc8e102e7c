// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

const std::string pods = "/api/v1/namespaces/default/pods";

class PodGc : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    sched.run();
  }
  json get(const std::string& path) { return json::parse(ask("GET", path).body.bytes()); }
  void ended(const std::string& name, const char* reason = "") {
    auto p = pod_on(name, "n1");
    ASSERT_EQ(code("POST", pods, p), 201);
    p = get(pods + "/" + name);
    p["status"]["phase"] = "Failed";
    p["status"]["reason"] = reason;
    ASSERT_EQ(code("PUT", pods + "/" + name + "/status", p), 200);
    now += 1s;
  }
};

TEST_F(PodGc, PodsOfANodeThatIsGoneAreRemovedAfterTheQuarantine) {
  running.push_back(spawn_pod_gc_controller(sys, options));
  sched.run();
  for (const char* node : {"n1", "n2"})
    ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", node)), 201);
  auto a = pod_on("a", "n1");
  a["metadata"]["finalizers"] = {"example.com/look"};  // so that its last state can be seen
  ASSERT_EQ(code("POST", pods, a), 201);
  ASSERT_EQ(code("POST", pods, pod_on("a2", "n1")), 201);
  ASSERT_EQ(code("POST", pods, pod_on("b", "n2")), 201);
  ASSERT_EQ(code("DELETE", "/api/v1/nodes/n1"), 200);
  pass(39s);
  EXPECT_EQ(cache->count("pods"), 3u);
  pass(3s);
  EXPECT_EQ(code("GET", pods + "/a2"), 404);
  EXPECT_EQ(code("GET", pods + "/b"), 200);
  const auto last = get(pods + "/a");
  EXPECT_TRUE(last["metadata"].contains("deletionTimestamp"));
  EXPECT_EQ(last["status"]["phase"], "Failed");
  EXPECT_EQ(last["status"]["conditions"][0]["type"], "DisruptionTarget");
  EXPECT_EQ(last["status"]["conditions"][0]["reason"], "DeletionByPodGC");
  EXPECT_EQ(last["status"]["conditions"][0]["message"], "PodGC: node no longer exists");
}

TEST_F(PodGc, PodsThatAreToGoFromANodeOutOfServiceGoAtOnce) {
  running.push_back(spawn_pod_gc_controller(sys, options));
  ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n1")), 201);
  for (const char* name : {"going", "staying"}) {
    auto p = pod_on(name, "n1");
    p["spec"]["terminationGracePeriodSeconds"] = 30;
    ASSERT_EQ(code("POST", pods, p), 201);
  }
  ASSERT_EQ(code("DELETE", pods + "/going"), 200);
  pass(5s);
  EXPECT_EQ(code("GET", pods + "/going"), 200) << "the node may come back and end it";
  auto node = get("/api/v1/nodes/n1");
  node["spec"]["taints"] = {
      {{"key", "node.kubernetes.io/out-of-service"}, {"effect", "NoExecute"}}};
  ASSERT_EQ(code("PUT", "/api/v1/nodes/n1", node), 200);
  pass(5s);
  EXPECT_EQ(code("GET", pods + "/going"), 404);
  EXPECT_EQ(code("GET", pods + "/staying"), 200) << "others see to it that it goes";
  ASSERT_EQ(code("DELETE", pods + "/staying"), 200);
  pass(5s);
  EXPECT_EQ(code("GET", pods + "/staying"), 404);
}

TEST_F(PodGc, ANodeThatComesBackKeepsItsPods) {
  running.push_back(spawn_pod_gc_controller(sys, options));
  ASSERT_EQ(code("POST", pods, pod_on("a", "n1")), 201);
  pass(20s);
  ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n1")), 201);
  pass(60s);
  EXPECT_EQ(code("GET", pods + "/a"), 200);
}

TEST_F(PodGc, OfTheEndedPodsTheEvictedAndTheOldestGoFirst) {
  ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n1")), 201);
  running.push_back(spawn_pod_gc_controller(sys, options, {2}));
  for (const char* name : {"a", "b", "c"}) ended(name);
  ended("d", "Evicted");
  ASSERT_EQ(code("POST", pods, pod_on("running", "n1")), 201);
  pass(3s);
  EXPECT_EQ(code("GET", pods + "/a"), 404);
  EXPECT_EQ(code("GET", pods + "/b"), 200);
  EXPECT_EQ(code("GET", pods + "/c"), 200);
  EXPECT_EQ(code("GET", pods + "/d"), 404);
  EXPECT_EQ(code("GET", pods + "/running"), 200);
}

}  // namespace
}  // namespace troupe
