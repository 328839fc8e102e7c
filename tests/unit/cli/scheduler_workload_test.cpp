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
  for (const char* name :
       {"SchedulingBasic", "SchedulingPodAntiAffinity", "SchedulingPodAffinity",
        "SchedulingPreferredPodAffinity", "SchedulingPreferredPodAntiAffinity", "TopologySpreading",
        "PreferredTopologySpreading", "SchedulingNodeAffinity", "SchedulingDaemonset",
        "Unschedulable", "PreemptionBasic", "MixedSchedulingBasePod", "SchedulingSecrets"})
    for (const char* size : {"/500Nodes", "/5000Nodes"})
      EXPECT_NE(std::find(names.begin(), names.end(), std::string(name) + size), names.end())
          << name << size;
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
    check("pods", pod_of(w, w.measure, "a", 0));
    for (const auto& b : w.init) check("pods", pod_of(w, b, "a", 0));
  }
}

TEST(SchedulerWorkloads, AreDecidedInProcess) {
  std::set<std::string> done;
  for (const auto& name : workload_names()) {
    const auto kind = name.substr(0, name.find('/'));
    if (!done.insert(kind).second) continue;
    SCOPED_TRACE(kind);
    const auto w = find_workload(kind + (kind == "PreemptionBasic" ? "/20x80x20" : "/40x20x20"));
    figures out;
    try {
      measure_decisions(w, 16, out);
    } catch (const bench_error& e) {
      ADD_FAILURE() << e.what();
    }
  }
}

}  // namespace
}  // namespace troupe::cli::bench
