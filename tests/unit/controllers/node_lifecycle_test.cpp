// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/workloads.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

const std::string pods = "/api/v1/namespaces/default/pods";

class NodeLifecycle : public ::testing::Test, protected virtual_cluster {
 protected:
  void SetUp() override {
    make_default_namespace(*this);
    for (const char* name : {"n1", "n2"}) {
      ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", name)), 201);
      node(name, "True");
      const auto path = pods + "/on-" + name;
      ASSERT_EQ(code("POST", pods, pod_on(std::string("on-") + name, name)), 201);
      ASSERT_EQ(edit(*this, path + "/status",
                     [](json& pod) {
                       pod["status"]["phase"] = "Running";
                       pod["status"]["conditions"] =
                           json::parse(R"([{"type":"Initialized","status":"True"},
                             {"type":"Ready","status":"True",
                              "lastTransitionTime":"2023-11-14T22:00:00Z"}])");
                     }),
                200);
    }
  }
  void start() { running.push_back(spawn_node_lifecycle_controller(sys, options)); }
  void node(const std::string& name, const char* ready) {
    ASSERT_EQ(
        edit(
            *this, "/api/v1/nodes/" + name + "/status",
            [ready](json& n) {
              n["status"]["conditions"] = json::array({json{{"type", "Ready"}, {"status", ready}}});
            }),
        200);
  }
  json ready_condition(const std::string& pod) {
    const json found = get(*this, pods + "/" + pod);
    for (const json& c : found["status"]["conditions"])
      if (c["type"] == "Ready") return c;
    return {};
  }
};

TEST_F(NodeLifecycle, PodsOfALostNodeAreNotReady) {
  start();
  pass(1s);
  EXPECT_EQ(ready_condition("on-n1")["status"], "True");
  node("n1", "Unknown");
  pass(2s);
  const auto c = ready_condition("on-n1");
  EXPECT_EQ(c["status"], "False");
  EXPECT_NE(c["lastTransitionTime"], "2023-11-14T22:00:00Z");
  EXPECT_EQ(ready_condition("on-n2")["status"], "True");
  EXPECT_THAT(told(*this),
              testing::ElementsAre("NodeNotReady: Node is not ready",
                                   "NodeNotReady: Node n1 status is now: NodeNotReady"));
}

TEST_F(NodeLifecycle, ALossThatNobodySawIsSeenAtTheStart) {
  node("n1", "Unknown");
  start();
  pass(2s);
  EXPECT_EQ(ready_condition("on-n1")["status"], "False");
  EXPECT_EQ(ready_condition("on-n2")["status"], "True");
}

TEST_F(NodeLifecycle, WhatTheKubeletOfAnUnreadyNodeSaysOfItsPodsStands) {
  start();
  node("n1", "False");
  pass(2s);
  EXPECT_EQ(ready_condition("on-n1")["status"], "False");
  ASSERT_EQ(edit(*this, pods + "/on-n1/status",
                 [](json& pod) { pod["status"]["conditions"][1]["status"] = "True"; }),
            200);
  pass(30s);
  EXPECT_EQ(ready_condition("on-n1")["status"], "True");
}

}  // namespace
}  // namespace troupe
