// floors: model
#include "model/disruption_budget.hpp"

#include "model/custom/kinds.hpp"

#include <gmock/gmock.h>

#include <map>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const time_point now = *from_rfc3339("2026-01-01T00:00:00Z");

class Budget : public testing::Test {
 protected:
  Budget() {
    add("deployments.apps", "Deployment", "web", 10);
    add("replicasets.apps", "ReplicaSet", "web-1", 8, "Deployment", "web");
    add("replicasets.apps", "ReplicaSet", "alone", 4);
    add("statefulsets.apps", "StatefulSet", "db", 3);
    add("jobs.batch", "Job", "once", 1);
  }

  void add(const char* resource, const char* kind, const std::string& name, int replicas,
           const char* owner_kind = nullptr, const std::string& owner = {}) {
    json document;
    document["metadata"] = {{"name", name}, {"namespace", "d"}, {"uid", "u-" + name}};
    document["spec"]["replicas"] = replicas;
    if (owner_kind)
      document["metadata"]["ownerReferences"].push_back(json({{"apiVersion", "apps/v1"},
                                                              {"kind", owner_kind},
                                                              {"name", owner},
                                                              {"uid", "u-" + owner},
                                                              {"controller", true}}));
    document["kind"] = kind;
    objects[{resource, "d", name}] = seal(encode(resource, document), 1);
  }

  static guarded_pod pod(const std::string& name, const char* owner_kind, const std::string& owner,
                         bool ready = true) {
    guarded_pod out;
    out.name = name;
    out.ready = ready;
    if (owner_kind) {
      out.controller.emplace();
      out.controller->api_version = std::string_view(owner_kind) == "Job" ? "batch/v1" : "apps/v1";
      out.controller->kind = owner_kind;
      out.controller->name = owner;
      out.controller->uid = "u-" + owner;
    }
    return out;
  }

  budget_decision decide(const char* spec, const std::vector<guarded_pod>& pods,
                         json status = json::object()) const {
    json budget;
    budget["metadata"] = {{"name", "b"}, {"namespace", "d"}, {"generation", 2}};
    budget["spec"] = json::parse(spec);
    budget["spec"]["selector"]["matchLabels"]["app"] = "web";
    budget["status"] = std::move(status);
    std::vector<const guarded_pod*> all;
    for (const auto& p : pods) all.push_back(&p);
    return decide_budget(
        budget, all,
        [this](const object_key& k) {
          const auto found = objects.find(k);
          return found == objects.end() ? nullptr : found->second;
        },
        {}, now);
  }

  static std::vector<std::int64_t> numbers(const budget_decision& d) {
    std::vector<std::int64_t> out;
    for (const char* field :
         {"expectedPods", "currentHealthy", "desiredHealthy", "disruptionsAllowed"})
      out.push_back(d.status.at(field).get<std::int64_t>());
    return out;
  }

  std::map<object_key, object_ptr> objects;
};

TEST_F(Budget, GoesByPodsOrByTheScaleOfTheirOwners) {
  const std::vector<guarded_pod> mixed = {
      pod("a", "ReplicaSet", "web-1"), pod("b", "ReplicaSet", "web-1"),
      pod("c", "StatefulSet", "db"),   pod("d", "StatefulSet", "db", false),
      pod("e", "ReplicaSet", "alone"),
  };
  struct {
    const char* spec;
    std::vector<std::int64_t> numbers;
  } const cases[] = {
      {R"({"minAvailable":3})", {5, 4, 3, 1}},        {R"({"minAvailable":9})", {5, 4, 9, 0}},
      {R"({"maxUnavailable":14})", {17, 4, 3, 1}},     // a Deployment of 10, 3 and 4
      {R"({"maxUnavailable":"80%"})", {17, 4, 3, 1}},  // 13.6 is 14
      {R"({"minAvailable":"10%"})", {17, 4, 2, 2}},    // 1.7 is 2
      {R"({"maxUnavailable":99})", {17, 4, 0, 4}},    {R"({})", {0, 4, 0, 0}},
  };
  for (const auto& c : cases) {
    const auto d = decide(c.spec, mixed);
    EXPECT_EQ(numbers(d), c.numbers) << c.spec;
    EXPECT_EQ(d.status["conditions"][0]["reason"],
              c.numbers[3] > 0 ? "SufficientPods" : "InsufficientPods");
    EXPECT_EQ(d.status["observedGeneration"], 2);
    EXPECT_THAT(d.remarks, IsEmpty());
  }
}

TEST_F(Budget, SaysWhatItCannotCount) {
  struct {
    guarded_pod who;
    const char* message;
  } const cases[] = {
      {pod("a", "Job", "once"), "jobs.batch does not implement the scale subresource"},
      {pod("a", "ReplicaSet", "gone"), "found no controllers for pod \"a\""},
      {pod("a", "Widget", "w"), "no matches for kind \"Widget\" in version \"apps/v1\""},
  };
  for (const auto& c : cases) {
    const auto d = decide(R"({"maxUnavailable":1})", {c.who},
                          json::parse(R"({"disruptionsAllowed":3,"currentHealthy":4})"));
    EXPECT_EQ(d.status["disruptionsAllowed"], 0);
    EXPECT_EQ(d.status["currentHealthy"], 4);  // as it was
    EXPECT_EQ(d.status["conditions"][0]["reason"], "SyncFailed");
    EXPECT_EQ(d.status["conditions"][0]["message"], c.message);
    EXPECT_EQ(d.remarks.front().message,
              std::string("Failed to calculate the number of expected pods: ") + c.message);
  }
}

TEST_F(Budget, WarnsOfPodsThatNobodyManages) {
  const auto d = decide(R"({"maxUnavailable":1})", {pod("a", nullptr, "")});
  EXPECT_EQ(numbers(d), (std::vector<std::int64_t>{0, 1, 0, 0}));
  ASSERT_EQ(d.remarks.size(), 1u);
  EXPECT_EQ(d.remarks[0].reason, "UnmanagedPods");
  EXPECT_THAT(d.remarks[0].message,
              testing::StartsWith("Pods selected by this PodDisruptionBudget (selector: "
                                  "&LabelSelector{MatchLabels:map[string]string{app: web,},"
                                  "MatchExpressions:[]LabelSelectorRequirement{},}) were found"));
  EXPECT_EQ(decide(R"({"minAvailable":1})", {}).remarks.at(0).message, "No matching pods found");
}

TEST_F(Budget, CountsEvictionsUntilTheyAreOverdue) {
  std::vector<guarded_pod> pods = {pod("a", "StatefulSet", "db"), pod("b", "StatefulSet", "db"),
                                   pod("c", "StatefulSet", "db")};
  const json status = json::parse(R"({"disruptedPods":{
      "a":"2025-12-31T23:59:00Z","b":"2025-12-31T23:57:59Z","gone":"2025-12-31T23:59:59Z"}})");
  auto d = decide(R"({"maxUnavailable":2})", pods, status);
  EXPECT_EQ(numbers(d), (std::vector<std::int64_t>{3, 2, 1, 1}));
  EXPECT_EQ(d.status["disruptedPods"], json::parse(R"({"a":"2025-12-31T23:59:00Z"})"));
  EXPECT_THAT(d.lingered, ElementsAre("b"));
  EXPECT_EQ(d.recheck, now + std::chrono::seconds(60));
  pods[0].deleting = true;  // on its way: it counts no more
  d = decide(R"({"maxUnavailable":2})", pods, status);
  EXPECT_FALSE(d.status.contains("disruptedPods"));
  EXPECT_EQ(numbers(d)[1], 2);
}

TEST_F(Budget, StaysAsItIsWhenNothingChanged) {
  const std::vector<guarded_pod> pods = {pod("a", "StatefulSet", "db")};
  const auto first = decide(R"({"minAvailable":1})", pods);
  EXPECT_EQ(decide(R"({"minAvailable":1})", pods, first.status).status, first.status);
}

TEST(DisruptionTarget, IsTakenBackFromPodsThatStay) {
  const auto pod = [](const char* reason, const char* since, const char* phase = "Running") {
    json out;
    out["status"]["phase"] = phase;
    out["status"]["conditions"].push_back(json({{"type", "DisruptionTarget"},
                                                {"status", "True"},
                                                {"reason", reason},
                                                {"lastTransitionTime", since}}));
    return out;
  };
  const char* old = "2025-12-31T23:58:00Z";
  EXPECT_TRUE(judge_disruption_target(pod("EvictionByEvictionAPI", old), now).now);
  const auto later =
      judge_disruption_target(pod("PreemptionByScheduler", "2025-12-31T23:59:00Z"), now);
  EXPECT_FALSE(later.now);
  EXPECT_EQ(later.at, now + std::chrono::seconds(60));
  for (const json& kept : {pod("TerminationByKubelet", old), pod("x", old, "Failed"), json()}) {
    const auto judged = judge_disruption_target(kept, now);
    EXPECT_FALSE(judged.now || judged.at) << kept;
  }
}

}  // namespace
}  // namespace troupe::model
