// floors: model
#include "model/workload/deployment.hpp"

#include "model/validation/int_or_percent.hpp"
#include "model/workload/deployment_scale.hpp"
#include "model/workload/deployment_status.hpp"
#include "model/workload/revisions.hpp"
#include "model/workload/rollout.hpp"

#include <gmock/gmock.h>

#include <map>

namespace troupe::model {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using step = rollout_step::kind;

const time_point noon = *from_rfc3339("2026-01-01T12:00:00Z");

deployment_view deployment(int replicas, const json& spec = json::object(),
                           const json& more = json::object()) {
  json document = {{"metadata", {{"name", "web"}, {"namespace", "d"}, {"generation", 1}}},
                   {"spec",
                    {{"replicas", replicas},
                     {"selector", {{"matchLabels", {{"app", "web"}}}}},
                     {"template", {{"spec", {{"image", "new"}}}}}}}};
  document["spec"].update(spec);
  document.merge_patch(more);
  return deployment_view(*seal(encode("deployments.apps", document), 1));
}

json rolling(const json& surge, const json& unavailable) {
  return {{"strategy",
           {{"type", "RollingUpdate"},
            {"rollingUpdate", {{"maxSurge", surge}, {"maxUnavailable", unavailable}}}}}};
}

// A set of the Deployment: by its image; older ones have less age. All of its pods are there.
rollout_set set(const char* image, int replicas, int available, int age = 0) {
  rollout_set s;
  s.name = std::string("web-") + image;
  s.uid = s.name;
  s.created = noon + std::chrono::seconds(age);
  s.replicas = s.actual = replicas;
  s.ready = s.available = available;
  s.annotations = json::object();
  s.template_ = {{"spec", {{"image", image}}}};
  return s;
}

std::map<std::string, std::int64_t> sizes(const std::vector<set_scale>& scales) {
  std::map<std::string, std::int64_t> out;
  for (const auto& s : scales) out[s.name] = s.to;
  return out;
}

TEST(Deployment, CountsAndPercentagesAreRounded) {
  struct row {
    json value;
    bool up;
    std::int64_t expected;
  };
  for (const row& r : {row{3, true, 3}, row{"25%", true, 3}, row{"25%", false, 2},
                       row{"100%", true, 10}, row{"0%", true, 0}, row{"1%", true, 1}})
    EXPECT_EQ(scaled_value(r.value, 10, r.up), r.expected) << r.value << r.up;
}

TEST(Deployment, ARolloutCanAlwaysMove) {
  struct row {
    int replicas;
    json surge;
    json unavailable;
    std::int64_t max_surge;
    std::int64_t max_unavailable;
  };
  for (const row& r : {row{10, "25%", "25%", 3, 2}, row{10, 0, 0, 0, 1}, row{3, 0, "10%", 0, 1},
                       row{3, "1%", "10%", 1, 0}, row{2, 1, 5, 1, 2}, row{0, 1, 1, 1, 0}}) {
    const auto d = deployment(r.replicas, rolling(r.surge, r.unavailable));
    EXPECT_EQ(d.max_surge, r.max_surge) << r.surge << r.unavailable;
    EXPECT_EQ(d.max_unavailable, r.max_unavailable) << r.surge << r.unavailable;
  }
  EXPECT_EQ(deployment(3, {{"strategy", {{"type", "Recreate"}}}}).max_unavailable, 0);
}

// The rows of kube's TestDeploymentController_reconcileNewReplicaSet.
TEST(Deployment, TheNewReplicaSetGrowsAsFarAsTheSurgeLets) {
  struct row {
    int surge;
    int old;
    int fresh;
    std::optional<int> expected;
  };
  for (const row& r : {row{0, 10, 0, {}}, row{2, 10, 0, 2}, row{2, 5, 0, 7}, row{2, 10, 2, {}},
                       row{2, 2, 11, 10}}) {
    const auto d = deployment(10, rolling(r.surge, 0));
    auto fresh = set("new", r.fresh, 0);
    rollout_sets old{set("old", r.old, r.old)};
    const auto scaled = sizes(roll(d, fresh, old));
    const bool grew = scaled.contains("web-new");
    ASSERT_EQ(grew, r.expected.has_value()) << r.surge << ' ' << r.old << ' ' << r.fresh;
    EXPECT_EQ(fresh.replicas, r.expected.value_or(r.fresh));
  }
}

// The rows of kube's TestDeploymentController_reconcileOldReplicaSets.
TEST(Deployment, OldReplicaSetsShrinkAsFarAsPodsMayBeMissing) {
  struct row {
    int unavailable;
    int old;
    int fresh;
    int old_available;
    std::optional<int> expected;
  };
  for (const row& r : {row{0, 10, 0, 10, 9}, row{2, 10, 0, 10, 8}, row{2, 10, 0, 8, 8},
                       row{2, 10, 0, 9, 8}, row{2, 8, 2, 8, {}}}) {
    const auto d = deployment(10, rolling(0, r.unavailable));
    auto fresh = set("new", r.fresh, 0);
    rollout_sets old{set("old", r.old, r.old_available)};
    const auto scaled = sizes(roll(d, fresh, old));
    ASSERT_EQ(scaled.contains("web-old"), r.expected.has_value())
        << r.unavailable << ' ' << r.old << ' ' << r.fresh << ' ' << r.old_available;
    EXPECT_EQ(old.front().replicas, r.expected.value_or(r.old));
  }
}

TEST(Deployment, UnhealthyPodsOfTheOldestGoFirst) {
  const auto d = deployment(10, rolling(0, 4));
  auto fresh = set("new", 0, 0);
  rollout_sets old{set("older", 5, 4), set("old", 5, 3, 1)};
  // Four may go: three that are unavailable, and one that is not.
  EXPECT_THAT(sizes(roll(d, fresh, old)),
              ElementsAre(std::pair("web-old", 3), std::pair("web-older", 3)));
}

TEST(Deployment, ScalingInTheMiddleOfARolloutIsShared) {
  struct row {
    int before;
    int after;
    int fresh;
    int old;
    int fresh_after;
    int old_after;
  };
  for (const row& r : {row{10, 20, 5, 5, 10, 10}, row{10, 12, 5, 5, 6, 6}, row{10, 11, 5, 5, 6, 5},
                       row{10, 9, 5, 5, 5, 4}, row{10, 3, 8, 2, 2, 1}, row{10, 0, 8, 2, 0, 0}}) {
    const auto d = deployment(r.after, rolling(0, 1));
    auto fresh = set("new", r.fresh, r.fresh, 1);
    rollout_sets old{set("old", r.old, r.old)};
    for (auto* s : {&fresh, &old.front()}) {
      s->annotations[desired_replicas_annotation] = std::to_string(r.before);
      s->annotations[max_replicas_annotation] = std::to_string(r.before);
    }
    EXPECT_TRUE(is_scaling(d, &fresh, old));
    scale_proportionally(d, &fresh, old);
    EXPECT_EQ(fresh.replicas, r.fresh_after) << r.before << " to " << r.after;
    EXPECT_EQ(old.front().replicas, r.old_after) << r.before << " to " << r.after;
  }
}

TEST(Deployment, OfOneActiveReplicaSetOrTheNewestItFollowsAlone) {
  const auto d = deployment(3);
  rollout_sets old{set("older", 0, 0), set("old", 0, 0, 1)};
  EXPECT_THAT(sizes(scale_proportionally(d, nullptr, old)), ElementsAre(std::pair("web-old", 3)));
  rollout_sets one{set("older", 2, 2), set("old", 0, 0, 1)};
  EXPECT_THAT(sizes(scale_proportionally(d, nullptr, one)), ElementsAre(std::pair("web-older", 3)));
  auto fresh = set("new", 3, 3, 2);
  EXPECT_THAT(scale_proportionally(d, &fresh, old = {}), IsEmpty());
}

TEST(Deployment, WhatASaturatedReplicaSetLeavesOverGoes) {
  const auto d = deployment(3);
  auto fresh = set("new", 3, 3, 2);
  fresh.annotations[desired_replicas_annotation] = "3";
  rollout_sets old{set("old", 1, 1)};
  EXPECT_THAT(sizes(scale_proportionally(d, &fresh, old)), ElementsAre(std::pair("web-old", 0)));
}

TEST(Deployment, RevisionsCountUpAndARollbackIsRemembered) {
  const auto d = deployment(1, json::object(),
                            {{"metadata",
                              {{"annotations",
                                {{"team", "a"},
                                 {"deployment.kubernetes.io/revision", "7"},
                                 {"kubectl.kubernetes.io/last-applied-configuration", "x"}}}}}});
  json fresh = json::object();
  take_annotations(d, fresh, 3);
  EXPECT_EQ(fresh, (json{{"team", "a"}, {revision_annotation, "3"}}));
  take_annotations(d, fresh, 2);
  EXPECT_EQ(fresh[revision_annotation], "3");
  take_annotations(d, fresh, 5);
  take_annotations(d, fresh, 9);
  EXPECT_EQ(fresh[revision_annotation], "9");
  EXPECT_EQ(fresh[revision_history_annotation], "3,5");
}

TEST(Deployment, TheLowestRevisionsBeyondTheLimitGo) {
  rollout_sets old;
  for (int revision : {4, 1, 3, 2}) {
    old.push_back(set(std::to_string(revision).c_str(), 0, 0));
    old.back().annotations[revision_annotation] = std::to_string(revision);
  }
  old[1].actual = 1;  // still has a pod
  std::vector<std::string> gone;
  for (const auto* s : beyond_history(old, 1)) gone.push_back(s->name);
  EXPECT_THAT(gone, ElementsAre("web-2", "web-3"));
  EXPECT_THAT(beyond_history(old, 4), IsEmpty());
}

// The status of a Deployment of 3 after a set with so many pods was seen.
class DeploymentProgress : public testing::Test {
 protected:
  json status = json::object();
  time_point now = noon;

  void see(int replicas, int available, rollout_sets old = {}) {
    const auto d = deployment(3, {{"progressDeadlineSeconds", 60}}, {{"status", status}});
    const auto fresh = set("new", replicas, available);
    status = rollout_status(d, status, &fresh, old, now);
  }
  const json& condition(const char* type) {
    for (const auto& c : status["conditions"])
      if (c["type"] == type) return c;
    static const json none;
    return none;
  }
  std::string progress() {
    return string_at(condition("Progressing"), {"reason"}) + " " +
           string_at(condition("Progressing"), {"lastUpdateTime"}).substr(11, 8) + " " +
           string_at(condition("Progressing"), {"lastTransitionTime"}).substr(11, 8);
  }
};

TEST_F(DeploymentProgress, GoesOnUntilAllIsThere) {
  see(1, 0);
  EXPECT_EQ(progress(), "ReplicaSetUpdated 12:00:00 12:00:00");
  EXPECT_EQ(condition("Progressing")["message"], "ReplicaSet \"web-new\" is progressing.");
  EXPECT_EQ(condition("Available")["reason"], "MinimumReplicasUnavailable");
  now += 30s;
  see(3, 1);
  EXPECT_EQ(progress(), "ReplicaSetUpdated 12:00:30 12:00:00");
  now += 30s;
  see(3, 1);
  EXPECT_EQ(progress(), "ReplicaSetUpdated 12:00:30 12:00:00");
  see(3, 3);
  EXPECT_EQ(progress(), "NewReplicaSetAvailable 12:01:00 12:00:00");
  EXPECT_EQ(condition("Available")["reason"], "MinimumReplicasAvailable");
  EXPECT_EQ(condition("Available")["lastTransitionTime"], "2026-01-01T12:01:00Z");
}

TEST_F(DeploymentProgress, IsMissedAtTheDeadline) {
  see(3, 0);
  const auto d = deployment(3, {{"progressDeadlineSeconds", 60}});
  EXPECT_EQ(deadline_of(d, status), noon + 60s);
  now += 59s;
  see(3, 0);
  EXPECT_EQ(condition("Progressing")["status"], "True");
  now += 1s;
  see(3, 0);
  EXPECT_EQ(condition("Progressing")["status"], "False");
  EXPECT_EQ(progress(), "ProgressDeadlineExceeded 12:01:00 12:01:00");
  EXPECT_EQ(condition("Progressing")["message"],
            "ReplicaSet \"web-new\" has timed out progressing.");
  EXPECT_FALSE(deadline_of(d, status));
  now += 10s;
  see(3, 1);
  EXPECT_EQ(progress(), "ReplicaSetUpdated 12:01:10 12:01:10");
}

TEST_F(DeploymentProgress, ACompleteRolloutStaysSoWhenPodsAreLost) {
  see(3, 3);
  now += 1h;
  see(3, 1);
  EXPECT_EQ(progress(), "NewReplicaSetAvailable 12:00:00 12:00:00");
  EXPECT_EQ(condition("Available")["status"], "False");
  EXPECT_FALSE(deadline_of(deployment(3, {{"progressDeadlineSeconds", 60}}), status));
}

TEST_F(DeploymentProgress, FailuresOfReplicaSetsAreTold) {
  auto old = set("old", 1, 0);
  old.failure = {{"type", "ReplicaFailure"},
                 {"status", "True"},
                 {"reason", "FailedCreate"},
                 {"message", "quota"},
                 {"lastTransitionTime", "2026-01-01T11:00:00Z"}};
  see(1, 0, {old});
  EXPECT_EQ(condition("ReplicaFailure")["message"], "quota");
  EXPECT_EQ(condition("ReplicaFailure")["lastUpdateTime"], "2026-01-01T11:00:00Z");
  see(1, 0);
  EXPECT_TRUE(condition("ReplicaFailure").is_null());
}

TEST_F(DeploymentProgress, CountsLeaveZerosOut) {
  see(0, 0);
  status.erase("conditions");
  EXPECT_EQ(status, (json{{"observedGeneration", 1}}));
}

TEST(Rollout, OneWithoutReplicaSetsMakesItsFirst) {
  const auto d = deployment(3, {{"minReadySeconds", 5}, {"progressDeadlineSeconds", 60}});
  const auto plan = plan_rollout(d, {}, {}, {{"uid", "u"}}, noon);
  ASSERT_EQ(plan.steps.size(), 1u);
  const auto& s = plan.steps.front();
  EXPECT_EQ(s.what, step::create);
  EXPECT_EQ(s.told, "Scaled up replica set " + s.name + " from 0 to 3");
  EXPECT_EQ(s.body["spec"]["minReadySeconds"], 5);
  EXPECT_EQ(s.body["metadata"]["ownerReferences"], json::array({{{"uid", "u"}}}));
  EXPECT_EQ(plan.revision, "1");
  EXPECT_EQ(plan.status["conditions"][0]["reason"], "NewReplicaSetCreated");
  EXPECT_EQ(plan.status["conditions"][0]["message"], "Created new replica set \"" + s.name + "\"");
  EXPECT_EQ(plan.wake, noon + 60s);
}

TEST(Rollout, APlanThatIsCarriedOutPlansNothingMore) {
  auto d = deployment(3, json::object(),
                      {{"metadata", {{"annotations", {{revision_annotation, "1"}}}}}});
  auto fresh = set("new", 3, 3);
  fresh.annotations = {{revision_annotation, "1"},
                       {desired_replicas_annotation, "3"},
                       {max_replicas_annotation, "3"}};
  d.status = plan_rollout(d, {fresh}, {}, {}, noon).status;
  const auto plan = plan_rollout(d, {fresh}, {}, {}, noon + 1h);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.status, d.status);
  EXPECT_EQ(plan.revision, "");
}

TEST(Rollout, RecreateWaitsForPodsThatAreStillEnding) {
  const auto d = deployment(3, {{"strategy", {{"type", "Recreate"}}}});
  auto old = set("old", 0, 0);
  EXPECT_THAT(plan_rollout(d, {old}, {"web-old"}, {}, noon).steps, IsEmpty());
  EXPECT_EQ(plan_rollout(d, {old}, {}, {}, noon).steps.size(), 1u);
}

TEST(Rollout, APausedOneMakesNoReplicaSet) {
  const auto d = deployment(3, {{"paused", true}, {"progressDeadlineSeconds", 60}});
  const auto plan = plan_rollout(d, {set("old", 3, 3)}, {}, {}, noon);
  ASSERT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.status["conditions"][0]["reason"], "DeploymentPaused");
}

TEST(Rollout, FailedCreationsAreTold) {
  const auto d = deployment(3, {{"progressDeadlineSeconds", 60}});
  EXPECT_EQ(status_after_collision(d)["collisionCount"], 1);
  const json failed = status_after_failure(d, "Failed to create: x", noon);
  EXPECT_EQ(failed["conditions"][0]["reason"], "ReplicaSetCreateError");
  EXPECT_EQ(failed["conditions"][0]["status"], "False");
}

}  // namespace
}  // namespace troupe::model
