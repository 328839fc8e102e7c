// floors: model
#include "model/scheduling/offer_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace troupe::model {
namespace {

using testing::ElementsAre;

struct Preemption : testing::Test {
  offer_table table;
  random_source random{3};
  std::map<std::string, usage> used;
  std::vector<disruption_limit> budgets;
  std::uint64_t versions = 0;

  void node(const std::string& name, const std::string& cpu = "4") {
    const json document = {
        {"metadata",
         {{"name", name},
          {"labels", {{"kubernetes.io/hostname", name}, {"zone", name.substr(0, 1)}}}}},
        {"status", {{"allocatable", {{"cpu", cpu}, {"memory", "8Gi"}, {"pods", "110"}}}}}};
    table.set(name, std::make_shared<const node_view>(document), {});
  }

  static json pod(const std::string& name, int priority, const std::string& cpu) {
    return {
        {"apiVersion", "v1"},
        {"kind", "Pod"},
        {"metadata",
         {{"name", name}, {"namespace", "default"}, {"uid", name}, {"labels", {{"name", name}}}}},
        {"spec",
         {{"priority", priority},
          {"containers", {{{"name", "c"}, {"resources", {{"requests", {{"cpu", cpu}}}}}}}}}},
        {"status", {{"phase", "Running"}, {"startTime", "2026-11-22T10:00:00Z"}}}};
  }

  void run(const std::string& on, json document) {
    document["spec"]["nodeName"] = on;
    used[on].add(pod_view(document));
    table.set(on, nullptr, used[on]);
    table.pods().put(seal(encode("pods", document), ++versions));
  }

  void guard(const std::string& name, int allowed) {
    const json document = {{"apiVersion", "policy/v1"},
                           {"kind", "PodDisruptionBudget"},
                           {"metadata", {{"name", name}, {"namespace", "default"}}},
                           {"spec", {{"selector", {{"matchLabels", {{"name", name}}}}}}},
                           {"status", {{"disruptionsAllowed", allowed}}}};
    budgets.emplace_back(*seal(encode("poddisruptionbudgets.policy", document), ++versions));
  }

  /// "node: victim victim" or the message.
  std::string preempt(const json& document) {
    const auto found = table.preempt(pod_view(document), budgets, random);
    if (!found.chosen) return found.message;
    std::string out = found.chosen->node + ":";
    for (const auto& v : found.chosen->victims) out += " " + v.pod->key().name;
    return out;
  }
};

TEST_F(Preemption, TakesAsFewAndAsUnimportantAsItCan) {
  node("a");
  run("a", pod("first", 5, "1"));
  run("a", pod("second", 3, "1"));
  run("a", pod("third", 1, "2"));
  EXPECT_EQ(preempt(pod("vip", 10, "2")), "a: third");
  EXPECT_EQ(preempt(pod("vip", 10, "3")), "a: second third");
  EXPECT_EQ(preempt(pod("vip", 10, "4")), "a: first second third");
  // Only what matters less may go.
  EXPECT_EQ(preempt(pod("vip", 3, "2")), "a: third");
  EXPECT_EQ(preempt(pod("vip", 3, "3")), "0/1 nodes are available: 1 Insufficient cpu.");
  EXPECT_EQ(preempt(pod("vip", 1, "1")),
            "0/1 nodes are available: 1 No preemption victims found for incoming pod.");
}

TEST_F(Preemption, OfEqualPodsTheLatestStartedGoes) {
  node("a");
  auto young = pod("young", 1, "2");
  young["status"]["startTime"] = "2026-11-22T11:00:00Z";
  run("a", young);
  run("a", pod("old", 1, "2"));
  EXPECT_EQ(preempt(pod("vip", 10, "2")), "a: young");
}

TEST_F(Preemption, ChoosesTheNodeWithTheLeastHarm) {
  for (const char* n : {"a", "b", "c"}) node(n);
  run("a", pod("a1", 5, "4"));
  run("b", pod("b1", 2, "2"));
  run("b", pod("b2", 2, "2"));
  run("c", pod("c1", 2, "4"));
  EXPECT_EQ(preempt(pod("vip", 10, "4")), "c: c1");  // lower than a's, and fewer than b's
  guard("c1", 0);
  EXPECT_EQ(preempt(pod("vip", 10, "4")), "b: b1 b2");
  guard("b1", 0);
  EXPECT_EQ(preempt(pod("vip", 10, "4")), "a: a1");
  // When a budget is broken anyhow, the other rules choose among the least broken.
  guard("a1", 0);
  EXPECT_EQ(preempt(pod("vip", 10, "4")), "c: c1");
  budgets.clear();
  guard("c1", 1);
  EXPECT_EQ(preempt(pod("vip", 10, "4")), "c: c1");
}

TEST_F(Preemption, SparesWhatABudgetGuardsBeforeWhatMattersMore) {
  node("a");
  run("a", pod("guarded", 1, "2"));
  run("a", pod("other", 5, "2"));
  EXPECT_EQ(preempt(pod("vip", 10, "2")), "a: guarded");
  guard("guarded", 0);
  EXPECT_EQ(preempt(pod("vip", 10, "2")), "a: other");
}

TEST_F(Preemption, IsNoUseWhereThePodCouldNeverBe) {
  node("a");
  json cordoned = {{"metadata", {{"name", "b"}}},
                   {"spec", {{"unschedulable", true}}},
                   {"status", {{"allocatable", {{"cpu", "4"}, {"pods", "110"}}}}}};
  table.set("b", std::make_shared<const node_view>(cordoned), {});
  run("a", pod("low", 1, "4"));
  EXPECT_EQ(preempt(pod("vip", 10, "8")),
            "0/2 nodes are available: 1 Insufficient cpu, 1 Preemption is not helpful for "
            "scheduling.");
  auto patient = pod("vip", 10, "4");
  patient["spec"]["preemptionPolicy"] = "Never";
  EXPECT_EQ(preempt(patient), "not eligible due to preemptionPolicy=Never.");
}

TEST_F(Preemption, WaitsForThoseThatItHasSentAway) {
  node("a");
  auto leaving = pod("leaving", 1, "4");
  leaving["metadata"]["deletionTimestamp"] = "2026-11-22T12:00:00Z";
  leaving["status"]["conditions"] = {
      {{"type", "DisruptionTarget"}, {"status", "True"}, {"reason", "PreemptionByScheduler"}}};
  run("a", leaving);
  auto vip = pod("vip", 10, "4");
  EXPECT_EQ(preempt(vip), "a: leaving");
  vip["status"]["nominatedNodeName"] = "a";
  EXPECT_EQ(preempt(vip), "not eligible due to a terminating pod on the nominated node.");
}

// The promise is known before the pod says so, and so are those who have been told to go.
TEST_F(Preemption, WaitsForThoseThatAreToldToGoBeforeTheStoreShowsIt) {
  node("a");
  node("b");
  run("a", pod("low", 1, "4"));
  run("b", pod("mid", 5, "4"));
  const auto vip = pod("vip", 10, "4");
  ASSERT_EQ(preempt(vip), "a: low");
  table.nominate(std::make_shared<const pod_view>(vip), "a");
  table.send_away("low");
  EXPECT_EQ(preempt(vip), "not eligible due to a terminating pod on the nominated node.");
  EXPECT_EQ(preempt(pod("another", 10, "4")), "b: mid") << "what is promised is not another's";
  table.forget_sent_away("low");  // it could not be told
  EXPECT_EQ(preempt(vip), "a: low");
}

// Victims are gone as soon as the store says so, but their room comes with the node's next offer.
TEST_F(Preemption, WaitsForTheRoomThatItsVictimsLeave) {
  node("a");
  node("b");
  run("a", pod("low", 1, "4"));
  run("b", pod("mid", 5, "4"));
  const auto vip = pod("vip", 10, "4");
  table.nominate(std::make_shared<const pod_view>(vip), "a");
  table.pods().remove("default", "low");
  table.left("a", 7);
  EXPECT_EQ(preempt(vip), "not eligible due to a terminating pod on the nominated node.");
  EXPECT_FALSE(table.is_exact("a"));
  EXPECT_TRUE(table.is_exact("b"));
  const auto then = table.now();
  table.offers_reflect(6);
  EXPECT_FALSE(table.is_exact());
  EXPECT_FALSE(table.has_passed(then));
  // Another took it: the pod has to look elsewhere.
  table.offers_reflect(7);
  EXPECT_TRUE(table.is_exact());
  EXPECT_TRUE(table.has_passed(then));
  EXPECT_EQ(preempt(vip), "b: mid");
  table.left("a", 7);
  EXPECT_TRUE(table.is_exact()) << "the offers reflect that already";
  table.left("nowhere", 8);
  EXPECT_TRUE(table.is_exact()) << "nobody offers that room";
  table.left("a", 9);
  table.remove("a");
  EXPECT_TRUE(table.is_exact());
}

TEST_F(Preemption, BreaksAntiAffinityAndSpreadByMovingPodsThatMatterLess) {
  for (const char* n : {"a1", "a2", "b1"}) node(n);
  auto keeps_away = pod("hermit", 1, "1");
  keeps_away["spec"]["affinity"]["podAntiAffinity"]
            ["requiredDuringSchedulingIgnoredDuringExecution"] = {
                {{"topologyKey", "zone"}, {"labelSelector", json::object()}}};
  run("a1", keeps_away);
  run("b1", pod("web", 20, "4"));
  // On a1, where the hermit itself is; on a2 its going is not looked for.
  EXPECT_EQ(preempt(pod("vip", 10, "1")), "a1: hermit");
  auto apart = pod("vip", 10, "1");
  apart["spec"]["topologySpreadConstraints"] = {
      {{"topologyKey", "zone"},
       {"maxSkew", 1},
       {"whenUnsatisfiable", "DoNotSchedule"},
       {"labelSelector", {{"matchExpressions", {{{"key", "name"}, {"operator", "Exists"}}}}}}}};
  EXPECT_EQ(preempt(apart), "a1: hermit");
}

TEST_F(Preemption, RemembersNothingThatIsNoLongerSo) {
  node("a");
  node("b");
  run("a", pod("a1", 2, "4"));
  run("b", pod("b1", 3, "4"));
  const auto next = pod("vip", 10, "2");
  EXPECT_EQ(preempt(next), "a: a1");
  EXPECT_EQ(preempt(next), "a: a1");
  guard("a1", 0);  // a budget comes ...
  EXPECT_EQ(preempt(next), "b: b1");
  budgets.clear();  // ... and goes
  EXPECT_EQ(preempt(next), "a: a1");
  // The room that a1 would leave is another's.
  table.nominate(std::make_shared<const pod_view>(pod("other", 10, "4")), "a");
  EXPECT_EQ(preempt(next), "b: b1");
  // But to the other one it is its own.
  EXPECT_EQ(preempt(pod("other", 10, "2")), "a: a1");
  EXPECT_EQ(preempt(next), "b: b1");
  table.forget_nomination("other");
  EXPECT_EQ(preempt(next), "a: a1");
  table.pods().remove("default", "a1");
  table.set("a", nullptr, used["a"] = {});
  run("a", pod("a2", 5, "4"));
  EXPECT_EQ(preempt(next), "b: b1");
  table.remove("b");
  EXPECT_EQ(preempt(next), "a: a2");
}

TEST_F(Preemption, LeavesPromisedRoomToThoseThatMatterAsMuch) {
  node("a");
  const auto view = [](const json& p) { return std::make_shared<const pod_view>(p); };
  const auto vip = view(pod("vip", 10, "3"));
  table.nominate(vip, "a");
  const auto place = [&](const json& p) {
    const auto v = view(p);
    return table.place({&v, 1}, random).front();
  };
  EXPECT_EQ(place(pod("low", 1, "2")), "");
  EXPECT_EQ(place(pod("equal", 10, "2")), "");
  EXPECT_EQ(place(pod("small", 1, "1")), "a");
  EXPECT_EQ(place(pod("higher", 11, "3")), "a");
  ASSERT_EQ(table.nominated_below("a", 11).size(), 1u);
  table.forget("higher");
  auto back = pod("vip", 10, "3");
  back["status"]["nominatedNodeName"] = "a";
  EXPECT_EQ(place(back), "a");
  EXPECT_TRUE(table.nominated_below("a", 11).empty());
}

TEST_F(Preemption, GoesToItsPromisedNodeThoughAnotherWereBetter) {
  node("a");
  node("b", "64");
  auto vip = pod("vip", 10, "1");
  vip["status"]["nominatedNodeName"] = "a";
  const auto v = std::make_shared<const pod_view>(vip);
  const pod_view_ptr p = v;
  EXPECT_EQ(table.place({&p, 1}, random).front(), "a");
}

}  // namespace
}  // namespace troupe::model
