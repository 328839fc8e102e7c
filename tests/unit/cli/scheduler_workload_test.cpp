// floors: cli
#include "cli/bench/scheduler_workload.hpp"

#include "cli/bench/endpoint.hpp"
#include "cli/bench/in_process.hpp"
#include "model/defaults/defaults.hpp"
#include "model/validation/structural.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace troupe::cli::bench {
namespace {

TEST(SchedulerWorkloads, HaveTheNamesOfKubernetes) {
  const auto names = workload_names();
  for (const char* name : {"SchedulingBasic",
                           "SchedulingPodAntiAffinity",
                           "SchedulingPodAffinity",
                           "SchedulingPreferredPodAffinity",
                           "SchedulingPreferredPodAntiAffinity",
                           "TopologySpreading",
                           "PreferredTopologySpreading",
                           "SchedulingNodeAffinity",
                           "SchedulingDaemonset",
                           "Unschedulable",
                           "PreemptionBasic",
                           "MixedSchedulingBasePod",
                           "SchedulingSecrets",
                           "SchedulingInTreePVs",
                           "SchedulingMigratedInTreePVs",
                           "SchedulingCSIPVs",
                           "SchedulingRequiredPodAntiAffinityWithNSSelector",
                           "SchedulingPreferredAntiAffinityWithNSSelector",
                           "SchedulingRequiredPodAffinityWithNSSelector",
                           "SchedulingPreferredAffinityWithNSSelector",
                           "SchedulingWithNodeInclusionPolicy"})
    for (const char* size : {"/500Nodes", "/5000Nodes"})
      EXPECT_NE(std::find(names.begin(), names.end(), std::string(name) + size), names.end())
          << name << size;
  for (const char* name :
       {"SchedulingWithMixedChurn/1000Nodes", "SchedulingWithMixedChurn/5000Nodes",
        "PreemptionPVs/500Nodes", "EventHandlingPodDelete/50Nodes_500Pods"})
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
}

TEST(SchedulerWorkloads, AreFoundBySize) {
  EXPECT_EQ(find_workload("SchedulingBasic").nodes, 500U);
  const auto large = find_workload("PreemptionBasic/5000Nodes");
  EXPECT_EQ(large.nodes, 5000U);
  EXPECT_EQ(large.init.at(0).count, 20'000U);
  EXPECT_EQ(large.measure.count, 5000U);
  EXPECT_EQ(large.measure.priority(), 10);
  const auto own = find_workload("TopologySpreading/30x10x20");
  EXPECT_EQ(own.nodes, 30U);
  EXPECT_EQ(own.init.at(0).count, 10U);
  EXPECT_EQ(own.measure.count, 20U);
  EXPECT_EQ(own.zones.size(), 3U);
  const auto spaces = find_workload("SchedulingRequiredPodAntiAffinityWithNSSelector/5000Nodes");
  ASSERT_EQ(spaces.init.size(), 100U);
  EXPECT_EQ(spaces.init[99].ns, "init-ns-99");
  EXPECT_EQ(spaces.init[99].first, 99U * 40);
  EXPECT_EQ(spaces.measure.first, 4000U);
  const auto few = find_workload("SchedulingRequiredPodAntiAffinityWithNSSelector/9x1x2x3");
  EXPECT_EQ(few.init.size(), 3U);
  const auto events = find_workload("EventHandlingPodDelete");
  EXPECT_EQ(events.name, "EventHandlingPodDelete/50Nodes_500Pods");
  ASSERT_EQ(events.beside.size(), 5U);
  EXPECT_EQ(events.beside[0].count, 480U);
  EXPECT_EQ(events.beside[0].claims_from, events.init[1].first);
  EXPECT_EQ(events.beside[1].count, 500U);
  for (const char* wrong : {"Nothing", "SchedulingBasic/7Nodes", "SchedulingBasic/1x2",
                            "SchedulingBasic/0x1x1", "SchedulingBasic/1x2x-3", "Nothing/1x1x1"})
    EXPECT_THROW(find_workload(wrong), bench_error) << wrong;
}

// What is sent to a cluster is what the API takes.
TEST(SchedulerWorkloads, AreValidPodsAndNodes) {
  const auto check = [](const char* resource, model::json document) {
    const auto found =
        model::decode_fields(*model::schema::instance().by_resource(resource), document);
    EXPECT_TRUE(found) << found.error;
    EXPECT_TRUE(found.strict.empty()) << found.strict.front();
  };
  for (const auto& name : workload_names()) {
    SCOPED_TRACE(name);
    const auto w = find_workload(name);
    check("nodes", node_of(w, 0));
    if (const auto said = csi_node_of(w, 0); !said.is_null())
      check("csinodes.storage.k8s.io", said);
    if (!w.churn.empty()) check("pods", pod_of(w, churn_of(w), "a", 0));
    for (const auto* b : w.batches()) {
      check("pods", pod_of(w, *b, "a", 0));
      if (b->volume.empty()) continue;
      const auto v = volume_of(*b, 7);
      check("persistentvolumes", v.volume);
      check("persistentvolumeclaims", v.claim);
      EXPECT_EQ(v.claim["metadata"]["name"],
                pod_of(w, *b, "a", 7)["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"]);
    }
  }
}

TEST(SchedulerWorkloads, AreDecidedInProcess) {
  std::set<std::string> done;
  for (const auto& name : workload_names()) {
    const auto kind = name.substr(0, name.find('/'));
    if (!done.insert(kind).second) continue;
    SCOPED_TRACE(kind);
    const bool preempts = kind.starts_with("Preemption"), spaces = kind.ends_with("NSSelector");
    const auto w = find_workload(kind + (preempts ? "/20x80x20"
                                         : spaces ? "/40x2x20x5"
                                                  : "/40x20x20"));
    figures out;
    if (w.needs_cluster()) {
      EXPECT_THROW(measure_decisions(w, 16, out), bench_error);
      continue;
    }
    try {
      measure_decisions(w, 16, out);
    } catch (const bench_error& e) {
      ADD_FAILURE() << e.what();
    }
  }
}

}  // namespace
}  // namespace troupe::cli::bench
