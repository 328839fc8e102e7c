// floors: actors/controllers actors/events actors/api actors/store
#include "model/taint_eviction.hpp"

#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

const std::string pods = "/api/v1/namespaces/default/pods";

class TaintEviction : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    running.push_back(spawn_taint_eviction_controller(sys, options));
    sched.run();
    ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n1")), 201);
  }
  void taint(const char* list) {
    auto node = json::parse(ask("GET", "/api/v1/nodes/n1").body.bytes());
    node["spec"]["taints"] = json::parse(list);
    ASSERT_EQ(code("PUT", "/api/v1/nodes/n1", node), 200);
    sched.run();
  }
  void pod(const std::string& name, const char* tolerations = "[]") {
    auto p = pod_on(name, "n1");
    p["spec"]["tolerations"] = json::parse(tolerations);
    p["spec"]["terminationGracePeriodSeconds"] = 30;
    ASSERT_EQ(code("POST", pods, p), 201);
  }
  bool leaving(const std::string& name) {
    return json::parse(ask("GET", pods + "/" + name).body.bytes())["metadata"].contains(
        "deletionTimestamp");
  }
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const auto& o : cache->list("events").objects)
      out.push_back(model::string_at(o->parse(), {"message"}));
    return out;
  }
};

constexpr const char* bad = R"([{"key":"bad","effect":"NoExecute"}])";

TEST_F(TaintEviction, PodsThatDoNotTolerateATaintGo) {
  pod("plain");
  pod("patient", R"([{"key":"bad","operator":"Exists"}])");
  taint(R"([{"key":"bad","effect":"NoSchedule"}])");
  EXPECT_FALSE(leaving("plain"));
  taint(bad);
  EXPECT_TRUE(leaving("plain"));
  EXPECT_FALSE(leaving("patient"));
  const auto gone = json::parse(ask("GET", pods + "/plain").body.bytes());
  const auto& condition = gone["status"]["conditions"].back();
  EXPECT_EQ(condition["type"], "DisruptionTarget");
  EXPECT_EQ(condition["reason"], "DeletionByTaintManager");
  EXPECT_EQ(condition["message"], "Taint manager: deleting due to NoExecute taint");
  pod("late");
  sched.run();
  EXPECT_TRUE(leaving("late"));
  pass(1s);
  EXPECT_EQ(told().front(), "Marking for deletion Pod default/late");
}

TEST_F(TaintEviction, ATolerationMayEnd) {
  pod("a", R"([{"key":"bad","operator":"Exists","effect":"NoExecute","tolerationSeconds":60}])");
  taint(bad);
  pass(58s);
  EXPECT_FALSE(leaving("a"));
  pass(3s);
  EXPECT_TRUE(leaving("a"));
}

TEST_F(TaintEviction, ATaintThatGoesInTimeEvictsNobody) {
  pod("a", R"([{"key":"bad","operator":"Exists","effect":"NoExecute","tolerationSeconds":60}])");
  taint(bad);
  pass(30s);
  taint("[]");
  pass(60s);
  EXPECT_FALSE(leaving("a"));
  EXPECT_EQ(told(), std::vector<std::string>{"Cancelling deletion of Pod default/a"});
}

TEST(EvictionDelay, IsTheShortestOfTheTolerationsThatAreNeeded) {
  using model::taint;
  using model::toleration;
  const std::vector<taint> two{{"a", "", "NoExecute"}, {"b", "x", "NoExecute"}};
  const toleration a{"a", true, "", "", {}};
  const auto lasting = [](const char* key, std::int64_t seconds) {
    return toleration{key, true, "", "NoExecute", seconds};
  };
  struct {
    std::vector<toleration> tolerations;
    std::optional<std::chrono::seconds> delay;
  } const cases[] = {
      {{a}, 0s},
      {{{"", true, "", "", {}}}, std::nullopt},
      {{a, lasting("b", 60)}, 60s},
      {{lasting("a", 30), lasting("b", 60)}, 30s},
      {{a, lasting("b", -1)}, 0s},
      {{a, {"b", false, "y", "", {}}}, 0s},                             // another value
      {{a, {"b", false, "x", "", {}}, lasting("b", 5)}, std::nullopt},  // the first counts
  };
  for (const auto& c : cases) EXPECT_EQ(model::eviction_delay(two, c.tolerations), c.delay);
}

// Many nodes, of which some are lost: which of their pods are to go.
class LostNodes : public Controllers {
 protected:
  static constexpr const char* lost = R"([{"key":"node.kubernetes.io/unreachable",
                                           "effect":"NoExecute"}])";
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    running.push_back(spawn_taint_eviction_controller(sys, options));
    sched.run();
  }
  void node(const std::string& name, const char* zone) {
    auto n = named("Node", name);
    n["metadata"]["labels"]["topology.kubernetes.io/zone"] = zone;
    ASSERT_EQ(code("POST", "/api/v1/nodes", n), 201);
    auto pod = pod_on("on-" + name, name);
    pod["spec"]["tolerations"] = json::parse(R"([{"key":"node.kubernetes.io/unreachable",
      "operator":"Exists","effect":"NoExecute","tolerationSeconds":0}])");
    ASSERT_EQ(code("POST", pods, pod), 201);
    ready(name, "True");
  }
  void ready(const std::string& name, const char* status) {
    auto n = json::parse(ask("GET", "/api/v1/nodes/" + name).body.bytes());
    n["status"]["conditions"] = json::array({json{{"type", "Ready"}, {"status", status}}});
    ASSERT_EQ(code("PUT", "/api/v1/nodes/" + name + "/status", n), 200);
  }
  void lose(const std::string& name) {
    ready(name, "Unknown");
    auto n = json::parse(ask("GET", "/api/v1/nodes/" + name).body.bytes());
    n["spec"]["taints"] = json::parse(lost);
    ASSERT_EQ(code("PUT", "/api/v1/nodes/" + name, n), 200);
  }
  void recover(const std::string& name) {
    auto n = json::parse(ask("GET", "/api/v1/nodes/" + name).body.bytes());
    n["spec"].erase("taints");
    ASSERT_EQ(code("PUT", "/api/v1/nodes/" + name, n), 200);
    ready(name, "True");
    sched.run();
  }
  std::size_t left() { return cache->count("pods"); }
};

TEST_F(LostNodes, TakeTurns) {
  for (const char* name : {"a1", "a2", "a3", "a4", "a5", "a6"}) node(name, "a");
  for (const char* name : {"a1", "a2", "a3"}) lose(name);
  sched.run();
  EXPECT_EQ(left(), 5u);
  pass(9s);
  EXPECT_EQ(left(), 5u);
  pass(2s);
  EXPECT_EQ(left(), 4u);
  pass(10s);
  EXPECT_EQ(left(), 3u);
}

TEST_F(LostNodes, AreLeftAloneWhenMostOfTheirZoneIsLost) {
  for (const char* name : {"a1", "a2", "a3", "a4", "a5"}) node(name, "a");
  node("b1", "b");
  for (const char* name : {"a1", "a2", "a3"}) ready(name, "Unknown");
  for (const char* name : {"a1", "a2", "a3"}) lose(name);
  pass(60s);
  EXPECT_EQ(left(), 6u) << "three of five: rather the network";
  recover("a1");
  EXPECT_EQ(left(), 5u) << "two of five are two lost nodes";
}

TEST_F(LostNodes, AreLeftAloneWhenNoNodeIsReady) {
  for (const char* name : {"a1", "a2"}) node(name, "a");
  node("b1", "b");
  for (const char* name : {"a1", "a2", "b1"}) ready(name, "Unknown");
  for (const char* name : {"a1", "a2", "b1"}) lose(name);
  pass(60s);
  EXPECT_EQ(left(), 3u);
  recover("b1");
  EXPECT_EQ(left(), 2u) << "a zone without a ready node beside one that has some is evicted";
}

}  // namespace
}  // namespace troupe
