// floors: cli
// What a role config says of eviction, removal of images and what is reserved.
#include "cli/roles/node_limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;
using model::kubelet::eviction_signal;

kubelet_options limits_of(const std::string& yaml) {
  settings s;
  s.merge_yaml(yaml, "w.yaml");
  kubelet_options o;
  set_node_limits(s, o);
  return o;
}

std::string error_of(const std::string& yaml) {
  try {
    limits_of(yaml);
  } catch (const config_error& e) {
    return e.what();
  }
  return "";
}

TEST(NodeLimits, AreKubernetesDefaults) {
  const auto o = limits_of("{}");
  ASSERT_EQ(o.eviction.thresholds.size(), 5u);
  EXPECT_EQ(o.eviction.transition, 5min);
  EXPECT_EQ(o.image_gc.high_percent, 85);
  EXPECT_EQ(o.image_gc.low_percent, 80);
  EXPECT_EQ(o.image_gc.least_age, 2min);
  EXPECT_EQ(o.image_gc.most_age, 0ms);
  EXPECT_EQ(o.reserve.memory, 100 << 20);
  EXPECT_DOUBLE_EQ(o.reserve.disk_share, 0.1);
  EXPECT_EQ(o.reserve.cpu_milli, 0);
}

TEST(NodeLimits, AreRead) {
  const auto o = limits_of(R"(
kubelet:
  evictionHard: {memory.available: 1Gi}
  evictionSoft: {nodefs.available: 20%}
  evictionSoftGracePeriod: {nodefs.available: 1m}
  evictionMaxPodGracePeriod: 30
  evictionMinimumReclaim: {memory.available: 200Mi}
  evictionPressureTransitionPeriod: 30s
  imageGCHighThresholdPercent: 70
  imageGCLowThresholdPercent: 50
  imageMaximumGCAge: 24h
  systemReserved: {cpu: 500m, memory: 1Gi}
  kubeReserved: {cpu: 250m, ephemeral-storage: 1Gi}
)");
  ASSERT_EQ(o.eviction.thresholds.size(), 2u) << "none of the defaults stays";
  EXPECT_EQ(o.eviction.thresholds[0].signal, eviction_signal::memory_available);
  EXPECT_EQ(o.eviction.thresholds[0].least_reclaim.amount, 200 << 20);
  EXPECT_EQ(o.eviction.thresholds[1].grace, 1min);
  EXPECT_EQ(o.eviction.most_grace, 30s);
  EXPECT_EQ(o.eviction.transition, 30s);
  EXPECT_EQ(o.image_gc.most_age, 24h);
  EXPECT_EQ(o.reserve.cpu_milli, 750);
  EXPECT_EQ(o.reserve.memory, std::int64_t{2} << 30) << "reserved, and never to be used up";
  EXPECT_EQ(o.reserve.disk, 1 << 30);
  EXPECT_EQ(o.reserve.disk_share, 0);
}

TEST(NodeLimits, FaultsSayWhereAndWhat) {
  const std::pair<const char*, const char*> cases[] = {
      {"kubelet: {evictionHard: {memory.free: 1Gi}}",
       "w.yaml:1: kubelet.evictionHard memory.free: unrecognized eviction signal"},
      {"kubelet: {evictionHard: {memory.available: much}}", "memory.available: \"much\": "},
      {"kubelet: {evictionSoft: {memory.available: 1Gi}}",
       "memory.available: grace period must be specified for the soft eviction threshold"},
      {"kubelet: {imageGCHighThresholdPercent: 80}",
       "must be less than kubelet.imageGCHighThresholdPercent"},
      {"kubelet: {imageMaximumGCAge: 1m}", "must be more than kubelet.imageMinimumGCAge"},
      {"kubelet: {systemReserved: {gpu: 1}}", "gpu: can be cpu, memory, ephemeral-storage or pid"},
      {"kubelet: {kubeReserved: {cpu: lots}}", "cpu: must be a quantity, not \"lots\""},
      {"kubelet: {imageGCHighThresholdPercent: 101}", "must be between 0 and 100, not 101"},
  };
  for (const auto& [yaml, want] : cases) EXPECT_THAT(error_of(yaml), testing::HasSubstr(want));
}

}  // namespace
}  // namespace troupe::cli
