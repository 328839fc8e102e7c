// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/disturbance.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string pods = "/api/v1/namespaces/default/pods";
const std::string claims = "/api/v1/namespaces/default/persistentvolumeclaims";
const std::string sets = "/apis/apps/v1/namespaces/default/statefulsets";
const std::string revisions = "/apis/apps/v1/namespaces/default/controllerrevisions";
const std::string web = sets + "/web";

json stateful_set(int replicas, const json& spec = json::object()) {
  json out = workload_of("StatefulSet", "web", replicas);
  out["spec"]["serviceName"] = "web";
  out["spec"].update(spec);
  return out;
}

json with_claims(const json& policy = json::object()) {
  return {{"persistentVolumeClaimRetentionPolicy", policy},
          {"volumeClaimTemplates",
           json::array({{{"metadata", {{"name", "data"}}},
                         {"spec",
                          {{"accessModes", {"ReadWriteOnce"}},
                           {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}}})}};
}

void set_image(json& set, const char* image) {
  set["spec"]["template"]["spec"]["containers"][0]["image"] = image;
}

class StatefulSets : public Controllers {
 protected:
  void SetUp() override {
    make_default_namespace(*this);
    running.push_back(spawn_stateful_set_controller(sys, options));
    sched.run();
  }
  void create(const json& set) {
    const auto r = ask("POST", sets, set);
    ASSERT_EQ(r.code, 201) << r.body.bytes();
    pass(1s);
  }
  void change(const std::function<void(json&)>& by) {
    ASSERT_EQ(edit(*this, web, by), 200);
    pass(1s);
  }
  void scale(int replicas) {
    change([&](json& o) { o["spec"]["replicas"] = replicas; });
  }
  json status() { return get(*this, web)["status"]; }
  std::vector<std::string> names(const std::string& collection = pods) {
    std::vector<std::string> out;
    for (const auto& o : items(*this, collection)) out.push_back(o["metadata"]["name"]);
    return out;
  }
  std::vector<std::string> images() {
    std::vector<std::string> out;
    for (const auto& o : items(*this, pods)) out.push_back(o["spec"]["containers"][0]["image"]);
    return out;
  }
};

TEST_F(StatefulSets, OneAfterTheOther) {
  start_kubelet(*this, {5s, 0s});
  create(stateful_set(3));
  EXPECT_THAT(names(), ElementsAre("web-0"));
  pass(5s);
  EXPECT_THAT(names(), ElementsAre("web-0", "web-1"));
  pass(10s);
  EXPECT_THAT(names(), ElementsAre("web-0", "web-1", "web-2"));
  const auto s = status();
  const auto all = items(*this, revisions);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(s, json({{"replicas", 3},
                     {"readyReplicas", 3},
                     {"availableReplicas", 3},
                     {"currentReplicas", 3},
                     {"updatedReplicas", 3},
                     {"collisionCount", 0},
                     {"observedGeneration", 1},
                     {"currentRevision", all[0]["metadata"]["name"]},
                     {"updateRevision", all[0]["metadata"]["name"]}}));
  EXPECT_THAT(told(*this),
              Contains("SuccessfulCreate: create Pod web-2 in StatefulSet web successful"));
  EXPECT_EQ(get(*this, pods + "/web-1")["spec"]["hostname"], "web-1");
}

TEST_F(StatefulSets, DownFromTheLast) {
  start_kubelet(*this, {0s, 5s});
  create(stateful_set(3));
  scale(1);
  EXPECT_TRUE(get(*this, pods + "/web-2")["metadata"].contains("deletionTimestamp"));
  EXPECT_FALSE(get(*this, pods + "/web-1")["metadata"].contains("deletionTimestamp"));
  pass(5s);
  EXPECT_THAT(names(), ElementsAre("web-0", "web-1"));
  pass(6s);
  EXPECT_THAT(names(), ElementsAre("web-0"));
  EXPECT_THAT(told(*this),
              Contains("SuccessfulDelete: delete Pod web-2 in StatefulSet web successful"));
}

TEST_F(StatefulSets, AllAtOnce) {
  create(stateful_set(4, {{"podManagementPolicy", "Parallel"}}));
  EXPECT_THAT(names(), ElementsAre("web-0", "web-1", "web-2", "web-3"));
  scale(0);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(StatefulSets, RollsAnUpdateOutAndBack) {
  start_kubelet(*this);
  create(stateful_set(3));
  const auto first = status()["currentRevision"];
  change([](json& o) { set_image(o, "better"); });
  pass(3s);
  EXPECT_THAT(images(), ElementsAre("better", "better", "better"));
  EXPECT_NE(status()["currentRevision"], first);
  EXPECT_EQ(status()["updatedReplicas"], 3);
  change([](json& o) { set_image(o, "good"); });
  pass(3s);
  EXPECT_THAT(images(), ElementsAre("good", "good", "good"));
  EXPECT_EQ(status()["currentRevision"], first);
  EXPECT_EQ(items(*this, revisions).size(), 2u);
  EXPECT_EQ(get(*this, revisions + "/" + first.get<std::string>())["revision"], 3);
}

TEST_F(StatefulSets, UpdatesDownToThePartition) {
  start_kubelet(*this);
  create(stateful_set(
      3, {{"updateStrategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"partition", 2}}}}}}));
  change([](json& o) { set_image(o, "better"); });
  pass(3s);
  EXPECT_THAT(images(), ElementsAre("good", "good", "better"));
  EXPECT_EQ(code("DELETE", pods + "/web-0"), 200);
  pass(1s);
  EXPECT_THAT(images(), ElementsAre("good", "good", "better"));
  EXPECT_EQ(status()["currentReplicas"], 2);
  EXPECT_EQ(status()["updatedReplicas"], 1);
}

TEST_F(StatefulSets, HistoryHasALimit) {
  start_kubelet(*this);
  create(stateful_set(1, {{"revisionHistoryLimit", 1}}));
  for (const char* image : {"i1", "i2", "i3", "i4"}) {
    change([&](json& o) { set_image(o, image); });
    pass(2s);
  }
  EXPECT_EQ(items(*this, revisions).size(), 2u);
}

TEST_F(StatefulSets, ReplacesAFailedPod) {
  start_kubelet(*this);
  create(stateful_set(1));
  const auto before = get(*this, pods + "/web-0")["metadata"]["uid"];
  ASSERT_EQ(edit(*this, pods + "/web-0/status", [](json& o) { o["status"]["phase"] = "Failed"; }),
            200);
  pass(2s);
  EXPECT_NE(get(*this, pods + "/web-0")["metadata"]["uid"], before);
  EXPECT_THAT(told(*this), Contains("RecreatingFailedPod: StatefulSet default/web is recreating "
                                    "failed Pod web-0"));
}

TEST_F(StatefulSets, ClaimsStayOrGoAsThePolicySays) {
  start_kubelet(*this);
  running.push_back(spawn_pvc_protection_controller(sys, options));
  running.push_back(spawn_garbage_collector(sys, options));
  create(stateful_set(2, with_claims({{"whenDeleted", "Retain"}, {"whenScaled", "Delete"}})));
  pass(1s);
  EXPECT_THAT(names(claims), ElementsAre("data-web-0", "data-web-1"));
  EXPECT_EQ(get(*this, claims + "/data-web-0")["metadata"]["labels"]["app"], "web");
  EXPECT_THAT(
      told(*this),
      Contains("SuccessfulCreate: create Claim data-web-1 Pod web-1 in StatefulSet web success"));
  scale(1);
  pass(3s);
  EXPECT_THAT(names(claims), ElementsAre("data-web-0"));
  scale(2);
  pass(3s);
  EXPECT_THAT(names(claims), ElementsAre("data-web-0", "data-web-1"));
  ASSERT_EQ(code("DELETE", web), 200);
  pass(3s);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(names(claims), ElementsAre("data-web-0", "data-web-1"));
}

TEST_F(StatefulSets, ClaimsGoWithTheSet) {
  running.push_back(spawn_pvc_protection_controller(sys, options));
  running.push_back(spawn_garbage_collector(sys, options));
  create(stateful_set(1, with_claims({{"whenDeleted", "Delete"}, {"whenScaled", "Retain"}})));
  EXPECT_EQ(get(*this, claims + "/data-web-0")["metadata"]["ownerReferences"][0]["kind"],
            "StatefulSet");
  ASSERT_EQ(code("DELETE", web), 200);
  pass(3s);
  EXPECT_THAT(names(claims), IsEmpty());
}

TEST_F(StatefulSets, TakesItsPodsBack) {
  start_kubelet(*this);
  running.push_back(spawn_garbage_collector(sys, options));
  create(stateful_set(2));
  const auto before = get(*this, pods + "/web-1")["metadata"]["uid"];
  ASSERT_EQ(code("DELETE", web, {{"propagationPolicy", "Orphan"}}), 200);
  pass(3s);
  EXPECT_THAT(names(), ElementsAre("web-0", "web-1"));
  create(stateful_set(2));
  pass(2s);
  EXPECT_EQ(get(*this, pods + "/web-1")["metadata"]["uid"], before);
  EXPECT_EQ(items(*this, revisions).size(), 1u);
  EXPECT_EQ(status()["readyReplicas"], 2);
}

TEST(StatefulSetsDisturbed, EndAsIfNothingHadHappened) {
  expect_undisturbed({[](caf::actor_system& sys, const controller_options& o) {
                        return std::vector{spawn_stateful_set_controller(sys, o)};
                      },
                      [](virtual_cluster& c) {
                        c.code("POST", sets, stateful_set(3, with_claims()));
                        c.pass(6s);
                        edit(c, web, [](json& o) {
                          set_image(o, "better");
                          o["spec"]["replicas"] = 2;
                        });
                        c.pass(20s);
                      },
                      {pods, sets, claims, revisions}});
}

}  // namespace
}  // namespace troupe
