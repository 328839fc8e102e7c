// floors: model
// When a node lacks something, and who has to go.
#include "model/kubelet/eviction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model::kubelet {
namespace {

using enum eviction_signal;
using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr std::int64_t mib = 1 << 20;

TEST(EvictionSettings, AreReadOrRefused) {
  std::vector<eviction_threshold> all;
  ASSERT_EQ(read_thresholds({default_eviction_hard(), {}, {}, {}}, all).what, "");
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[2].signal, memory_available);
  EXPECT_EQ(all[2].value.of(1 << 30), 100 * mib);
  EXPECT_EQ(all[3].signal, nodefs_available);
  EXPECT_EQ(all[3].value.of(1000), 100);
  all.clear();
  ASSERT_EQ(read_thresholds({{{"nodefs.available", "0%"}, {"imagefs.available", "100%"}},
                             {{"memory.available", "1Gi"}},
                             {{"memory.available", "1m30s"}},
                             {{"memory.available", "200Mi"}}},
                            all)
                .what,
            "");
  ASSERT_EQ(all.size(), 1u) << "0% and 100% switch a threshold off";
  EXPECT_FALSE(all[0].hard);
  EXPECT_EQ(all[0].grace, 90s);
  EXPECT_EQ(all[0].least_reclaim.of(1), 200 * mib);
  struct {
    eviction_texts texts;
    const char *field, *what;
  } const wrong[] = {
      {{{{"memory.free", "1Gi"}}, {}, {}, {}},
       "evictionHard",
       "memory.free: unrecognized eviction signal"},
      {{{{"memory.available", "101%"}}, {}, {}, {}},
       "evictionHard",
       "memory.available: eviction percentage threshold must be <= 100%: 101%"},
      {{{{"memory.available", "-1%"}}, {}, {}, {}},
       "evictionHard",
       "memory.available: eviction percentage threshold must be >= 0%: -1%"},
      {{{{"memory.available", "-1"}}, {}, {}, {}},
       "evictionHard",
       "memory.available: eviction threshold must be positive: -1"},
      {{{}, {{"memory.available", "1Gi"}}, {}, {}},
       "evictionSoft",
       "memory.available: grace period must be specified for the soft eviction threshold"},
      {{{}, {}, {{"memory.available", "-1s"}}, {}},
       "evictionSoftGracePeriod",
       "memory.available: eviction grace period must be a positive value: -1s"},
  };
  for (const auto& w : wrong) {
    const auto fault = read_thresholds(w.texts, all);
    EXPECT_EQ(fault.field, w.field);
    EXPECT_EQ(fault.what, w.what);
  }
}

struct EvictionWatch : testing::Test {
  eviction_threshold threshold(eviction_signal s, std::int64_t amount) {
    eviction_threshold t;
    t.signal = s;
    t.value.amount = amount;
    return t;
  }
  std::string look(eviction_watch& w, eviction_observations seen) {
    const auto t = w.look(seen, now);
    return t ? to_text(t->signal) : "";
  }
  time_point now{1h};
};

TEST_F(EvictionWatch, AHardThresholdActsAtOnceAndItsConditionLasts) {
  eviction_watch w({threshold(memory_available, 100)}, 5min);
  EXPECT_EQ(look(w, {{memory_available, {100, 1000}}}), "");
  EXPECT_EQ(look(w, {{memory_available, {99, 1000}}}), "memory.available");
  EXPECT_THAT(w.pressures(), ElementsAre(node_pressure::memory));
  now += 4min;
  EXPECT_EQ(look(w, {{memory_available, {500, 1000}}}), "");
  EXPECT_THAT(w.pressures(), ElementsAre(node_pressure::memory));
  now += 1min;
  EXPECT_EQ(look(w, {{memory_available, {500, 1000}}}), "");
  EXPECT_TRUE(w.pressures().empty());
  EXPECT_EQ(look(w, {}), "") << "nothing is known of it";
}

TEST_F(EvictionWatch, ASoftThresholdWaitsForItsGracePeriod) {
  auto soft = threshold(memory_available, 300);
  soft.hard = false;
  soft.grace = 60s;
  eviction_watch w({threshold(memory_available, 100), soft}, 5min);
  EXPECT_EQ(look(w, {{memory_available, {200, 1000}}}), "");
  EXPECT_THAT(w.pressures(), ElementsAre(node_pressure::memory)) << "the condition does not wait";
  now += 30s;
  EXPECT_EQ(look(w, {{memory_available, {400, 1000}}}), "");
  now += 30s;
  EXPECT_EQ(look(w, {{memory_available, {200, 1000}}}), "") << "it was over meanwhile";
  now += 60s;
  const auto due = w.look({{memory_available, {200, 1000}}}, now);
  ASSERT_TRUE(due);
  EXPECT_FALSE(due->hard);
}

TEST_F(EvictionWatch, MoreThanTheThresholdHasToBeReclaimed) {
  auto t = threshold(nodefs_available, 100);
  t.least_reclaim.amount = 50;
  eviction_watch w({t}, 0s);
  EXPECT_EQ(look(w, {{nodefs_available, {120, 1000}}}), "");
  EXPECT_FALSE(w.relieved({{nodefs_available, {120, 1000}}}));
  EXPECT_EQ(look(w, {{nodefs_available, {99, 1000}}}), "nodefs.available");
  EXPECT_EQ(look(w, {{nodefs_available, {120, 1000}}}), "nodefs.available");
  now += 10s;
  EXPECT_EQ(look(w, {{nodefs_available, {150, 1000}}}), "");
  EXPECT_TRUE(w.pressures().empty());
}

TEST_F(EvictionWatch, MemoryComesFirst) {
  eviction_watch w({threshold(nodefs_available, 100), threshold(pid_available, 100),
                    threshold(memory_available, 100)},
                   5min);
  EXPECT_EQ(
      look(w, {{nodefs_available, {1, 9}}, {memory_available, {1, 9}}, {pid_available, {1, 9}}}),
      "memory.available");
  EXPECT_THAT(w.pressures(),
              ElementsAre(node_pressure::disk, node_pressure::memory, node_pressure::pid));
}

eviction_candidate pod(const std::string& name, int priority, const char* memory,
                       const char* storage, std::optional<pod_share> share) {
  json p = {{"metadata", {{"name", name}}},
            {"spec", {{"priority", priority}, {"containers", {{{"name", "c"}}}}}}};
  auto& requests = p["spec"]["containers"][0]["resources"]["requests"];
  if (*memory) requests["memory"] = memory;
  if (*storage) requests["ephemeral-storage"] = storage;
  eviction_candidate out(std::make_shared<const json>(std::move(p)));
  out.share = std::move(share);
  return out;
}

pod_share uses(std::int64_t memory, std::int64_t layers = 0, std::int64_t logs = 0,
               std::int64_t volumes = 0, std::int64_t processes = 0) {
  pod_share s;
  s.memory = memory;
  s.layers = {layers, 10 - layers};
  s.logs = {logs, 1};
  s.volumes = {volumes, 0};
  s.processes = processes;
  s.containers = {{"c", memory, layers + logs}};
  return s;
}

TEST(EvictionRank, GoesByWhatExceedsRequestsThenPriorityThenUse) {
  const auto names = [](eviction_signal s, bool image_disk, std::vector<eviction_candidate> pods) {
    rank_for_eviction(s, image_disk, pods);
    std::string out;
    for (const auto& p : pods)
      out += (out.empty() ? "" : " ") + string_at(*p.pod, {"metadata", "name"});
    return out;
  };
  EXPECT_EQ(names(memory_available, false,
                  {pod("within", 0, "100", "", uses(100)), pod("important", 9, "10", "", uses(90)),
                   pod("over", 0, "50", "", uses(60)), pod("far-over", 0, "10", "", uses(30)),
                   pod("unknown", 99, "", "", std::nullopt), pod("low", -1, "200", "", uses(1))}),
            "unknown far-over over important low within");
  const std::vector<eviction_candidate> on_disk{pod("layers", 0, "", "", uses(0, 5, 1, 0)),
                                                pod("volumes", 0, "", "", uses(0, 0, 0, 4)),
                                                pod("asked", 0, "", "100", uses(0, 9, 9, 9))};
  EXPECT_EQ(names(nodefs_available, false, on_disk), "layers volumes asked");
  EXPECT_EQ(names(nodefs_available, true, on_disk), "volumes layers asked");
  EXPECT_EQ(names(imagefs_available, true, on_disk), "layers volumes asked");
  EXPECT_EQ(names(imagefs_inodes_free, true, on_disk), "volumes layers asked") << "by inodes";
  EXPECT_EQ(names(pid_available, false,
                  {pod("few", 0, "", "", uses(0, 0, 0, 0, 2)),
                   pod("many", 0, "", "", uses(0, 0, 0, 0, 9)),
                   pod("important", 5, "", "", uses(0, 0, 0, 0, 50))}),
            "many few important");
}

TEST(EvictionWords, AreThoseOfKubernetes) {
  eviction_threshold t;
  t.signal = memory_available;
  t.value.amount = 100 * mib;
  const eviction_observations seen{{memory_available, {90 * mib, 4096 * mib}}};
  EXPECT_EQ(eviction_message(memory_available, pod("p", 0, "10Mi", "", uses(20 * mib)), {t}, seen),
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. "
            "Container c was using 20Mi, request is 10Mi, has larger consumption of memory. ");
  EXPECT_EQ(eviction_message(memory_available, pod("p", 0, "", "", uses(3 * 1024)), {t}, seen),
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. "
            "Container c was using 3Ki, request is 0, has larger consumption of memory. ");
  eviction_threshold share;
  share.signal = imagefs_available;
  share.value.share = 0.15;
  EXPECT_EQ(eviction_message(imagefs_available, pod("p", 0, "", "1Gi", uses(0, 1024)), {share},
                             {{imagefs_available, {5 * mib, 100 * mib}}}),
            "The node was low on resource: ephemeral-storage. Threshold quantity: 15Mi, available: "
            "5Mi. ");
  eviction_threshold pids;
  pids.signal = pid_available;
  pids.value.amount = 10;
  EXPECT_EQ(eviction_message(pid_available, pod("p", 0, "", "", uses(0)), {pids},
                             {{pid_available, {5, 100}}}),
            "The node was low on resource: pids. Threshold quantity: 10, available: 5. ");
}

TEST(EvictionGrace, IsASecondAtAHardThreshold) {
  const json p = {{"spec", {{"terminationGracePeriodSeconds", 30}}}};
  eviction_threshold t;
  EXPECT_EQ(eviction_grace(t, 60s, p), 1s);
  t.hard = false;
  EXPECT_EQ(eviction_grace(t, 60s, p), 30s);
  EXPECT_EQ(eviction_grace(t, 10s, p), 10s);
}

TEST(EvictionAdmission, GoesByTheNodesConditions) {
  const auto disk = node_pressure::disk;
  const auto memory = node_pressure::memory;
  const json best_effort = {{"spec", {{"containers", {{{"name", "c"}}}}}}};
  json burstable = best_effort;
  burstable["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "1";
  json critical = best_effort;
  critical["spec"]["priority"] = 2'000'000'000;
  json tolerant = best_effort;
  tolerant["spec"]["tolerations"] = {
      {{"key", "node.kubernetes.io/memory-pressure"}, {"operator", "Exists"}}};
  EXPECT_EQ(eviction_objection({}, best_effort), "");
  EXPECT_EQ(eviction_objection({memory}, best_effort),
            "The node had condition: [MemoryPressure]. ");
  EXPECT_EQ(eviction_objection({memory}, burstable), "");
  EXPECT_EQ(eviction_objection({memory}, tolerant), "");
  EXPECT_EQ(eviction_objection({disk}, burstable), "The node had condition: [DiskPressure]. ");
  EXPECT_EQ(eviction_objection({disk, memory}, tolerant),
            "The node had condition: [DiskPressure MemoryPressure]. ");
  EXPECT_EQ(eviction_objection({disk, memory}, critical), "");
}

}  // namespace
}  // namespace troupe::model::kubelet
