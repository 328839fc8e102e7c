// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/disturbance.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string pods = "/api/v1/namespaces/default/pods";
const std::string sets = "/apis/apps/v1/namespaces/default/replicasets";

class ReplicaSets : public Controllers {
 protected:
  void SetUp() override {
    make_default_namespace(*this);
    running.push_back(spawn_replica_set_controller(sys, options));
    running.push_back(spawn_replication_controller(sys, options));
    sched.run();
  }
  void create(const json& set, const std::string& path = sets) {
    const auto r = ask("POST", path, set);
    ASSERT_EQ(r.code, 201) << r.body.bytes();
    pass(1s);
  }
  void scale(const std::string& path, int replicas) {
    ASSERT_EQ(edit(*this, path, [&](json& o) { o["spec"]["replicas"] = replicas; }), 200);
    pass(1s);
  }
  json status(const std::string& path) { return get(*this, path)["status"]; }
  json a_pod() { return items(*this, pods).front(); }
  static std::string path(const json& pod) {
    return pods + "/" + pod["metadata"]["name"].get<std::string>();
  }
};

TEST_F(ReplicaSets, MakesThePodsOfItsTemplate) {
  create(workload_of("ReplicaSet", "web", 3));
  const auto all = items(*this, pods);
  ASSERT_EQ(all.size(), 3u);
  const json& metadata = all.front()["metadata"];
  EXPECT_EQ(metadata["generateName"], "web-");
  EXPECT_EQ(metadata["labels"], (json{{"app", "web"}}));
  const json set = get(*this, sets + "/web");
  EXPECT_EQ(metadata["ownerReferences"], json::array({{{"apiVersion", "apps/v1"},
                                                       {"kind", "ReplicaSet"},
                                                       {"name", "web"},
                                                       {"uid", set["metadata"]["uid"]},
                                                       {"controller", true},
                                                       {"blockOwnerDeletion", true}}}));
  EXPECT_EQ(set["status"],
            (json{{"replicas", 3}, {"fullyLabeledReplicas", 3}, {"observedGeneration", 1}}));
  for (const auto& text : told(*this))
    EXPECT_THAT(text, HasSubstr("SuccessfulCreate: Created pod: web-"));
  const auto events = items(*this, "/api/v1/namespaces/default/events");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0]["source"]["component"], "replicaset-controller");
  EXPECT_EQ(events[0]["involvedObject"]["kind"], "ReplicaSet");
}

TEST_F(ReplicaSets, ReplicationControllersAreTheSame) {
  const std::string controllers = "/api/v1/namespaces/default/replicationcontrollers";
  create(workload_of("ReplicationController", "web", 2), controllers);
  EXPECT_EQ(items(*this, pods).size(), 2u);
  EXPECT_EQ(a_pod()["metadata"]["ownerReferences"][0]["kind"], "ReplicationController");
  EXPECT_EQ(status(controllers + "/web"),
            (json{{"replicas", 2}, {"fullyLabeledReplicas", 2}, {"observedGeneration", 1}}));
  scale(controllers + "/web", 0);
  EXPECT_THAT(items(*this, pods), IsEmpty());
}

TEST_F(ReplicaSets, ScalesUpAndDown) {
  create(workload_of("ReplicaSet", "web", 1));
  scale(sets + "/web", 4);
  EXPECT_EQ(items(*this, pods).size(), 4u);
  scale(sets + "/web", 2);
  EXPECT_EQ(items(*this, pods).size(), 2u);
  EXPECT_EQ(status(sets + "/web")["observedGeneration"], 3);
  scale(sets + "/web", 0);
  EXPECT_THAT(items(*this, pods), IsEmpty());
  EXPECT_EQ(status(sets + "/web"), (json{{"replicas", 0}, {"observedGeneration", 4}}));
}

TEST_F(ReplicaSets, MoreThanABurstOfPodsIsMadeInSeveral) {
  create(workload_of("ReplicaSet", "web", 1200));
  EXPECT_EQ(cache->count("pods"), 1200u);
  scale(sets + "/web", 0);
  EXPECT_EQ(cache->count("pods"), 0u);
}

TEST_F(ReplicaSets, ReplacesPodsThatGoOrEnd) {
  create(workload_of("ReplicaSet", "web", 2));
  const auto gone = path(a_pod());
  ASSERT_EQ(code("DELETE", gone), 200);
  pass(1s);
  EXPECT_EQ(items(*this, pods).size(), 2u);
  const auto failed = path(a_pod());
  ASSERT_EQ(edit(*this, failed + "/status", [](json& o) { o["status"]["phase"] = "Failed"; }), 200);
  pass(1s);
  EXPECT_EQ(items(*this, pods).size(), 3u);
  EXPECT_EQ(status(sets + "/web")["replicas"], 2);
}

TEST_F(ReplicaSets, TerminatingPodsAreReplacedAtOnceAndNotDeletedAgain) {
  start_kubelet(*this, {0s, 30s});
  create(workload_of("ReplicaSet", "web", 2));
  const auto going = path(a_pod());
  code("DELETE", going);
  pass(2s);
  EXPECT_EQ(items(*this, pods).size(), 3u);
  EXPECT_EQ(status(sets + "/web")["replicas"], 2);
  scale(sets + "/web", 1);
  EXPECT_EQ(items(*this, pods).size(), 3u);
  pass(40s);
  EXPECT_EQ(items(*this, pods).size(), 1u);
}

TEST_F(ReplicaSets, CountsReadyPodsAndAvailableOnesAtTheirTime) {
  start_kubelet(*this);
  auto set = workload_of("ReplicaSet", "web", 2);
  set["spec"]["minReadySeconds"] = 10;
  create(set);
  EXPECT_EQ(status(sets + "/web")["readyReplicas"], 2);
  EXPECT_FALSE(status(sets + "/web").contains("availableReplicas"));
  pass(8s);
  EXPECT_FALSE(status(sets + "/web").contains("availableReplicas"));
  pass(2s);
  EXPECT_EQ(status(sets + "/web")["availableReplicas"], 2);
}

TEST_F(ReplicaSets, AdoptsWhatItSelectsAndMakesTheRest) {
  auto orphan = pod_on("stray", "n1");
  orphan["metadata"]["labels"] = {{"app", "web"}};
  ASSERT_EQ(code("POST", pods, orphan), 201);
  create(workload_of("ReplicaSet", "web", 2));
  EXPECT_EQ(items(*this, pods).size(), 2u);
  EXPECT_EQ(get(*this, pods + "/stray")["metadata"]["ownerReferences"][0]["name"], "web");
}

TEST_F(ReplicaSets, AnOrphanThatComesLaterIsAdoptedAndOneTooMany) {
  create(workload_of("ReplicaSet", "web", 2));
  auto orphan = pod_on("stray", "n1");
  orphan["metadata"]["labels"] = {{"app", "web"}};
  ASSERT_EQ(code("POST", pods, orphan), 201);
  pass(1s);
  // The others have no node: they go first.
  EXPECT_EQ(items(*this, pods).size(), 2u);
  EXPECT_EQ(get(*this, pods + "/stray")["metadata"]["ownerReferences"][0]["name"], "web");
}

TEST_F(ReplicaSets, LetsGoWhatItNoLongerSelects) {
  create(workload_of("ReplicaSet", "web", 2));
  const auto let_go = path(a_pod());
  ASSERT_EQ(edit(*this, let_go, [](json& o) { o["metadata"]["labels"]["app"] = "debug"; }), 200);
  pass(1s);
  EXPECT_EQ(items(*this, pods).size(), 3u);
  EXPECT_FALSE(get(*this, let_go)["metadata"].contains("ownerReferences"));
}

TEST_F(ReplicaSets, TellsWhyPodsCannotBeMade) {
  auto set = workload_of("ReplicaSet", "web", 2);
  set["spec"]["template"]["spec"]["priorityClassName"] = "none";
  create(set);
  const json conditions = status(sets + "/web")["conditions"];
  ASSERT_EQ(conditions.size(), 1u) << get(*this, sets + "/web");
  EXPECT_EQ(conditions[0]["type"], "ReplicaFailure");
  EXPECT_EQ(conditions[0]["status"], "True");
  EXPECT_EQ(conditions[0]["reason"], "FailedCreate");
  const auto why = conditions[0]["message"].get<std::string>();
  EXPECT_THAT(why, HasSubstr("no PriorityClass with name none was found"));
  // Again and again, and always in vain.
  EXPECT_THAT(told(*this), Contains("FailedCreate: Error creating: " + why));
  ASSERT_EQ(code("POST", "/apis/scheduling.k8s.io/v1/priorityclasses",
                 {{"apiVersion", "scheduling.k8s.io/v1"},
                  {"kind", "PriorityClass"},
                  {"metadata", {{"name", "none"}}},
                  {"value", 1}}),
            201);
  pass(10s);
  EXPECT_EQ(items(*this, pods).size(), 2u);
  EXPECT_FALSE(status(sets + "/web").contains("conditions"));
}

TEST_F(ReplicaSets, OneThatIsBeingDeletedMakesNoPods) {
  create(workload_of("ReplicaSet", "web", 1));
  ASSERT_EQ(code("DELETE", sets + "/web", {{"propagationPolicy", "Foreground"}}), 200);
  code("DELETE", path(a_pod()));
  pass(1s);
  EXPECT_THAT(items(*this, pods), IsEmpty());
}

TEST(ReplicaSetsDisturbed, EndAsIfNothingHadHappened) {
  expect_undisturbed({[](caf::actor_system& sys, const controller_options& o) {
                        return std::vector{spawn_replica_set_controller(sys, o)};
                      },
                      [](virtual_cluster& c) {
                        auto stray = pod_on("stray", "n1");
                        stray["metadata"]["labels"] = {{"app", "web"}};
                        c.code("POST", pods, stray);
                        c.code("POST", sets, workload_of("ReplicaSet", "web", 5));
                        c.pass(5s);
                        edit(c, pods + "/stray",
                             [](json& o) { o["metadata"]["labels"]["app"] = "debug"; });
                        c.pass(5s);
                        edit(c, sets + "/web", [](json& o) { o["spec"]["replicas"] = 2; });
                        c.pass(30s);
                      },
                      {pods, sets}});
}

}  // namespace
}  // namespace troupe
