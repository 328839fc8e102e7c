// floors: model
#include "model/disruption.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

const time_point now = *from_rfc3339("2026-01-01T00:00:00Z");

json budget(const char* status) {
  return {{"metadata", {{"name", "b"}, {"generation", 2}}}, {"status", json::parse(status)}};
}

TEST(Disruption, IsTakenOutOfTheBudget) {
  json b = budget(R"({"observedGeneration":2,"disruptionsAllowed":2})");
  EXPECT_FALSE(take_disruption(b, "p", now));
  EXPECT_EQ(at(b, {"status", "disruptionsAllowed"}), 1);
  EXPECT_EQ(at(b, {"status", "disruptedPods"}), json({{"p", "2026-01-01T00:00:00Z"}}));
  EXPECT_FALSE(take_disruption(b, "q", now));
  EXPECT_EQ(at(b, {"status", "disruptionsAllowed"}), 0);
  EXPECT_EQ(at(b, {"status", "disruptedPods"}).size(), 2u);
  EXPECT_EQ(at(b, {"status", "conditions"}),
            json::parse(R"([{"type":"DisruptionAllowed","status":"False","message":"",
                "reason":"InsufficientPods","observedGeneration":2,
                "lastTransitionTime":"2026-01-01T00:00:00Z"}])"));
}

TEST(Disruption, IsRefusedWhenNoneIsLeft) {
  struct {
    const char* status;
    int code;
    const char* cause;
    std::optional<int> retry;
  } const cases[] = {
      {R"({"observedGeneration":2,"disruptionsAllowed":0,"desiredHealthy":3,"currentHealthy":3})",
       429, "The disruption budget b needs 3 healthy pods and has 3 currently", std::nullopt},
      {R"({"observedGeneration":2,"disruptionsAllowed":0,"conditions":[{"type":"DisruptionAllowed",
           "status":"False","reason":"SyncFailed","message":"no scale"}]})",
       429,
       "The disruption budget b does not allow evicting pods currently because it failed sync: no "
       "scale",
       std::nullopt},
      {R"({"observedGeneration":1,"disruptionsAllowed":1})", 429,
       "The disruption budget b is still being processed by the server.", 10},
      {R"({"observedGeneration":2,"disruptionsAllowed":-1})", 403, "", std::nullopt},
  };
  for (const auto& c : cases) {
    json b = budget(c.status);
    const json before = b;
    const auto refused = take_disruption(b, "p", now);
    ASSERT_TRUE(refused) << c.status;
    EXPECT_EQ(refused->code, c.code) << c.status;
    EXPECT_EQ(refused->retry_after, c.retry) << c.status;
    EXPECT_EQ(b, before) << c.status;
    if (c.code != 429) continue;
    EXPECT_EQ(refused->message,
              "Cannot evict pod as it would violate the pod's disruption budget.");
    EXPECT_EQ(refused->causes[0].reason, "DisruptionBudget");
    EXPECT_EQ(refused->causes[0].message, c.cause);
  }
}

TEST(Disruption, NoneIsNeededForPodsThatDoNotCount) {
  struct {
    const char* pod;
    bool free;
  } const cases[] = {
      {R"({"status":{"phase":"Running"}})", false},
      {R"({"status":{"phase":"Pending"}})", true},
      {R"({"status":{"phase":"Succeeded"}})", true},
      {R"({"status":{"phase":"Failed"}})", true},
      {R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running"}})",
       true},
  };
  for (const auto& c : cases) EXPECT_EQ(ignores_budgets(json::parse(c.pod)), c.free) << c.pod;
}

TEST(Disruption, ABudgetGuardsWhatItSelects) {
  const string_pairs labels{{"app", "web"}};
  struct {
    const char* spec;
    bool guarded;
  } const cases[] = {
      {R"({})", false},
      {R"({"selector":{}})", true},
      {R"({"selector":{"matchLabels":{"app":"web"}}})", true},
      {R"({"selector":{"matchLabels":{"app":"db"}}})", false},
      {R"({"selector":{"matchExpressions":[{"key":"app","operator":"Nope"}]}})", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(guards({{"spec", json::parse(c.spec)}}, labels), c.guarded) << c.spec;
}

TEST(Disruption, UnreadyPodsGoWhereTheBudgetIsMetOrLetsThem) {
  struct {
    const char* budget;
    bool lets;
  } const cases[] = {
      {R"({"status":{"desiredHealthy":2,"currentHealthy":2}})", true},
      {R"({"status":{"desiredHealthy":2,"currentHealthy":1}})", false},
      {R"({"status":{"desiredHealthy":0,"currentHealthy":0}})", false},
      {R"({"spec":{"unhealthyPodEvictionPolicy":"AlwaysAllow"},
           "status":{"desiredHealthy":2,"currentHealthy":1}})",
       true},
      {R"({"spec":{"unhealthyPodEvictionPolicy":"IfHealthyBudget"},
           "status":{"desiredHealthy":2,"currentHealthy":1}})",
       false},
  };
  for (const auto& c : cases) EXPECT_EQ(lets_unready_go(json::parse(c.budget)), c.lets) << c.budget;
}

}  // namespace
}  // namespace troupe::model
