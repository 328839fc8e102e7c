// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/disturbance.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string pods = "/api/v1/namespaces/default/pods";
const std::string sets = "/apis/apps/v1/namespaces/default/replicasets";
const std::string deployments = "/apis/apps/v1/namespaces/default/deployments";
const std::string web = deployments + "/web";

std::vector<controller_actor> spawn_rollouts(caf::actor_system& sys, const controller_options& o) {
  return {spawn_deployment_controller(sys, o), spawn_replica_set_controller(sys, o)};
}

void set_image(virtual_cluster& c, const std::string& image) {
  edit(c, web, [&](json& o) { o["spec"]["template"]["spec"]["containers"][0]["image"] = image; });
}

class Deployments : public Controllers {
 protected:
  void SetUp() override {
    make_default_namespace(*this);
    start_kubelet(*this);
    for (auto& c : spawn_rollouts(sys, options)) running.push_back(c);
    sched.run();
  }
  void create(int replicas, const json& spec = json::object()) {
    auto d = workload_of("Deployment", "web", replicas);
    d["spec"].update(spec);
    const auto r = ask("POST", deployments, d);
    ASSERT_EQ(r.code, 201) << r.body.bytes();
  }
  void change(const std::function<void(json&)>& f) { ASSERT_EQ(edit(*this, web, f), 200); }
  json status() { return get(*this, web)["status"]; }
  json condition(const std::string& type) {
    const json all = status();
    for (const auto& c : model::at(all, {"conditions"}))
      if (c["type"] == type) return c;
    return {};
  }
  std::string progress() {
    const auto c = condition("Progressing");
    return c.is_null() ? "" : c["status"].get<std::string>() + " " + c["reason"].get<std::string>();
  }
  // Image and wanted pods of each ReplicaSet, by revision.
  std::map<std::string, std::string> revisions() {
    std::map<std::string, std::string> out;
    for (const auto& s : items(*this, sets))
      out[s["metadata"]["annotations"]["deployment.kubernetes.io/revision"]] =
          s["spec"]["template"]["spec"]["containers"][0]["image"].get<std::string>() + " " +
          s["spec"]["replicas"].dump();
    return out;
  }
  json set_of(const std::string& image) {
    for (const auto& s : items(*this, sets))
      if (s["spec"]["template"]["spec"]["containers"][0]["image"] == image) return s;
    return {};
  }
  std::string revision() {
    return model::string_at(get(*this, web),
                            {"metadata", "annotations", "deployment.kubernetes.io/revision"});
  }
  std::size_t pods_of(const std::string& image) {
    const auto all = items(*this, pods);
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const json& p) {
      return p["spec"]["containers"][0]["image"] == image;
    }));
  }
};

TEST_F(Deployments, MakesTheReplicaSetOfItsTemplate) {
  create(3);
  pass(2s);
  const auto all = items(*this, sets);
  ASSERT_EQ(all.size(), 1u);
  const json& set = all.front();
  const std::string hash = set["metadata"]["labels"]["pod-template-hash"];
  EXPECT_EQ(set["metadata"]["name"], "web-" + hash);
  EXPECT_EQ(set["spec"]["selector"]["matchLabels"],
            (json{{"app", "web"}, {"pod-template-hash", hash}}));
  EXPECT_EQ(set["spec"]["template"]["metadata"]["labels"],
            (json{{"app", "web"}, {"pod-template-hash", hash}}));
  EXPECT_EQ(set["metadata"]["annotations"],
            (json{{"deployment.kubernetes.io/revision", "1"},
                  {"deployment.kubernetes.io/desired-replicas", "3"},
                  {"deployment.kubernetes.io/max-replicas", "4"}}));
  EXPECT_EQ(set["metadata"]["ownerReferences"][0]["kind"], "Deployment");
  const json d = get(*this, web);
  EXPECT_EQ(revision(), "1");
  json counts = d["status"];
  counts.erase("conditions");
  EXPECT_EQ(counts, (json{{"observedGeneration", 1},
                          {"replicas", 3},
                          {"updatedReplicas", 3},
                          {"readyReplicas", 3},
                          {"availableReplicas", 3}}));
  EXPECT_EQ(condition("Available")["reason"], "MinimumReplicasAvailable");
  EXPECT_EQ(condition("Available")["message"], "Deployment has minimum availability.");
  EXPECT_EQ(progress(), "True NewReplicaSetAvailable");
  EXPECT_EQ(condition("Progressing")["message"],
            "ReplicaSet \"web-" + hash + "\" has successfully progressed.");
  EXPECT_THAT(told(*this),
              Contains("ScalingReplicaSet: Scaled up replica set web-" + hash + " from 0 to 3"));
}

TEST_F(Deployments, ScalesItsReplicaSet) {
  create(2);
  pass(2s);
  const std::string name = items(*this, sets).front()["metadata"]["name"];
  change([](json& o) { o["spec"]["replicas"] = 5; });
  pass(2s);
  EXPECT_EQ(pods_of("good"), 5u);
  EXPECT_EQ(set_of("good")["metadata"]["annotations"]["deployment.kubernetes.io/max-replicas"],
            "7");
  change([](json& o) { o["spec"]["replicas"] = 0; });
  pass(2s);
  EXPECT_EQ(pods_of("good"), 0u);
  EXPECT_THAT(told(*this),
              Contains("ScalingReplicaSet: Scaled up replica set " + name + " from 2 to 5"));
  EXPECT_THAT(told(*this),
              Contains("ScalingReplicaSet: Scaled down replica set " + name + " from 5 to 0"));
}

TEST_F(Deployments, RollsWithinItsBounds) {
  create(
      10,
      {{"minReadySeconds", 2},
       {"strategy",
        {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", 2}, {"maxUnavailable", 1}}}}}});
  pass(5s);
  set_image(*this, "better");
  bool mixed = false;
  for (int i = 0; i < 100 && pods_of("better") < 10; ++i) {
    pass(1s);
    EXPECT_LE(items(*this, pods).size(), 12u);
    EXPECT_GE(status().value("availableReplicas", 0), 9);
    mixed = mixed || (pods_of("good") > 0 && pods_of("better") > 0);
  }
  pass(5s);
  EXPECT_TRUE(mixed);
  EXPECT_EQ(pods_of("good"), 0u);
  EXPECT_EQ(status()["updatedReplicas"], 10);
  EXPECT_THAT(revisions(), ElementsAre(std::pair("1", "good 0"), std::pair("2", "better 10")));
  EXPECT_EQ(revision(), "2");
  EXPECT_EQ(progress(), "True NewReplicaSetAvailable");
}

TEST_F(Deployments, ABadTemplateStopsTheRolloutAndExceedsItsDeadline) {
  create(4, {{"progressDeadlineSeconds", 30}});
  pass(2s);
  set_image(*this, "bad");
  pass(10s);
  // maxSurge 25% of 4 is one, maxUnavailable one.
  EXPECT_THAT(revisions(), ElementsAre(std::pair("1", "good 3"), std::pair("2", "bad 2")));
  EXPECT_EQ(progress(), "True ReplicaSetUpdated");
  EXPECT_EQ(condition("Available")["status"], "True");
  pass(30s);
  EXPECT_EQ(progress(), "False ProgressDeadlineExceeded");
  EXPECT_THAT(condition("Progressing")["message"].get<std::string>(),
              HasSubstr("\" has timed out progressing."));
  set_image(*this, "good");
  pass(5s);
  EXPECT_EQ(pods_of("bad"), 0u);
  EXPECT_EQ(progress(), "True NewReplicaSetAvailable");
}

TEST_F(Deployments, GoesBackToARevisionAndRemembersIt) {
  create(2);
  pass(2s);
  set_image(*this, "better");
  pass(5s);
  set_image(*this, "good");
  pass(5s);
  EXPECT_THAT(revisions(), ElementsAre(std::pair("2", "better 0"), std::pair("3", "good 2")));
  EXPECT_EQ(set_of("good")["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"],
            "1");
}

TEST_F(Deployments, KeepsAsManyRevisionsAsItsLimit) {
  create(1, {{"revisionHistoryLimit", 2}});
  for (const char* image : {"v2", "v3", "v4", "v5"}) {
    pass(5s);
    set_image(*this, image);
  }
  pass(10s);
  EXPECT_THAT(revisions(),
              ElementsAre(std::pair("3", "v3 0"), std::pair("4", "v4 0"), std::pair("5", "v5 1")));
}

TEST_F(Deployments, RecreateStopsAllBeforeItStartsAny) {
  create(3, {{"strategy", {{"type", "Recreate"}}}});
  pass(2s);
  set_image(*this, "better");
  for (int i = 0; i < 10; ++i) {
    pass(1s);
    EXPECT_TRUE(pods_of("good") == 0 || pods_of("better") == 0);
  }
  EXPECT_EQ(pods_of("better"), 3u);
  EXPECT_EQ(progress(), "True NewReplicaSetAvailable");
}

TEST_F(Deployments, PausedOnesScaleButDoNotRoll) {
  create(2);
  pass(2s);
  change([](json& o) { o["spec"]["paused"] = true; });
  pass(1s);
  EXPECT_EQ(progress(), "Unknown DeploymentPaused");
  set_image(*this, "better");
  change([](json& o) { o["spec"]["replicas"] = 4; });
  pass(5s);
  EXPECT_EQ(pods_of("good"), 4u);
  EXPECT_EQ(items(*this, sets).size(), 1u);
  change([](json& o) { o["spec"]["paused"] = false; });
  pass(5s);
  EXPECT_EQ(pods_of("better"), 4u);
  EXPECT_EQ(progress(), "True NewReplicaSetAvailable");
}

TEST_F(Deployments, ATakenNameIsAnsweredWithAnother) {
  create(1);
  pass(2s);
  const std::string name = items(*this, sets).front()["metadata"]["name"];
  ASSERT_EQ(code("DELETE", web, {{"propagationPolicy", "Orphan"}}), 200);
  ASSERT_EQ(edit(*this, web, [](json& o) { o["metadata"].erase("finalizers"); }), 200);
  ASSERT_EQ(edit(*this, sets + "/" + name,
                 [](json& o) {
                   o["metadata"].erase("ownerReferences");
                   o["metadata"]["labels"] = {{"app", "other"}};
                 }),
            200);
  create(1);
  pass(5s);
  EXPECT_EQ(status()["collisionCount"], 1);
  EXPECT_EQ(items(*this, sets).size(), 2u);
  EXPECT_EQ(status()["readyReplicas"], 1);
}

TEST_F(Deployments, TellsOfTheFailuresOfItsReplicaSet) {
  auto pod_template = template_of("web");
  pod_template["spec"]["priorityClassName"] = "none";
  create(1, {{"template", pod_template}});
  pass(2s);
  EXPECT_EQ(condition("ReplicaFailure")["reason"], "FailedCreate");
  EXPECT_EQ(condition("Available")["message"], "Deployment does not have minimum availability.");
  EXPECT_EQ(status()["unavailableReplicas"], 1);
  change([](json& o) { o["spec"]["template"]["spec"].erase("priorityClassName"); });
  pass(5s);
  EXPECT_TRUE(condition("ReplicaFailure").is_null());
  EXPECT_EQ(status()["availableReplicas"], 1);
}

TEST_F(Deployments, AdoptsTheReplicaSetThatItsPredecessorLeft) {
  create(2);
  pass(2s);
  const auto before = items(*this, sets).front();
  const auto set = sets + "/" + before["metadata"]["name"].get<std::string>();
  ASSERT_EQ(code("DELETE", web, {{"propagationPolicy", "Orphan"}}), 200);
  ASSERT_EQ(edit(*this, web, [](json& o) { o["metadata"].erase("finalizers"); }), 200);
  ASSERT_EQ(edit(*this, set, [](json& o) { o["metadata"].erase("ownerReferences"); }), 200);
  create(2);
  pass(2s);
  EXPECT_EQ(items(*this, sets).size(), 1u);
  EXPECT_EQ(get(*this, set)["metadata"]["ownerReferences"][0]["uid"],
            get(*this, web)["metadata"]["uid"]);
  EXPECT_EQ(status()["readyReplicas"], 2);
}

// The same end, whatever happens to any write.
void expect_undisturbed_rollout(const json& spec) {
  expect_undisturbed({spawn_rollouts,
                      [spec](virtual_cluster& c) {
                        auto d = workload_of("Deployment", "web", 2);
                        d["spec"].update(spec);
                        c.code("POST", deployments, d);
                        c.pass(2s);
                        edit(c, web, [](json& o) { o["spec"]["replicas"] = 3; });
                        c.pass(2s);
                        set_image(c, "better");
                        c.pass(10s);
                      },
                      {deployments, sets, pods}});
}

TEST(DeploymentsDisturbed, RollToTheSameEnd) {
  expect_undisturbed_rollout(json::object());
}

TEST(DeploymentsDisturbed, AreRecreatedToTheSameEnd) {
  expect_undisturbed_rollout({{"strategy", {{"type", "Recreate"}}}, {"revisionHistoryLimit", 0}});
}

}  // namespace
}  // namespace troupe
