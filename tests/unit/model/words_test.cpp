// floors: model
#include "model/object.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(Words, AreFoundAsTheyStandInQuotes) {
  const struct {
    const char* text;
    std::uint32_t words;
  } cases[] = {
      {"", 0},
      {"\"", 0},
      {R"({"metadata":{"name":"web"}})", 0},
      {R"({"persistentVolumeClaim":{"claimName":"a"}})", bit_of(word::persistent_volume_claim)},
      {R"({"ephemeral":{}})", bit_of(word::ephemeral)},
      {R"({"ephemeralContainers":[],"f:ephemeral":{}})", 0},
      {R"({"affinity":{"podAffinity":{},"podAntiAffinity":{}}})",
       bit_of(word::pod_affinity) | bit_of(word::pod_anti_affinity)},
      {R"({"status":{"nominatedNodeName":"n1"}})", bit_of(word::nominated_node_name)},
      {R"([{"type":"DisruptionTarget"}])", bit_of(word::disruption_target)},
      {R"(["batch.kubernetes.io/job-tracking"])", bit_of(word::job_tracking)},
      {R"({"awsElasticBlockStore":{}})", bit_of(word::disk)},
      {R"({"azureDisk":{}})", bit_of(word::disk)},
      {R"({"cinder":{}})", bit_of(word::disk)},
      {R"({"gcePersistentDisk":{}})", bit_of(word::disk)},
      {R"({"iscsi":{}})", bit_of(word::disk)},
      {R"({"portworxVolume":{}})", bit_of(word::disk)},
      {R"({"readinessGates":[]})", bit_of(word::readiness_gates)},
      {R"({"activeDeadlineSeconds":5})", bit_of(word::active_deadline)},
      {R"({"rbd":{}})", bit_of(word::disk)},
      {R"({"rbd)", 0},
  };
  for (const auto& c : cases) EXPECT_EQ(words_in(c.text), c.words) << c.text;
}

TEST(Words, OfAnObjectAreNotThoseOfItsManagers) {
  const object one({}, R"({"metadata":{"finalizers":["batch.kubernetes.io/job-tracking"],)"
                       R"("managedFields":[{"manager":"rbd","x":"iscsi"}],"name":"podAffinity"},)"
                       R"("spec":{"a":{"readinessGates":[]}},)"
                       R"("status":{"conditions":[{"type":"DisruptionTarget"}]}})");
  for (const auto w : {word::job_tracking, word::readiness_gates, word::disruption_target})
    EXPECT_TRUE(one.says(w)) << static_cast<int>(w);
  for (const auto w : {word::disk, word::pod_affinity, word::ephemeral})
    EXPECT_FALSE(one.says(w)) << static_cast<int>(w);
}

TEST(Words, OfAnObject) {
  const object none({}, "{}"), one({}, R"({"ephemeral":{}})");
  for (int again = 0; again < 2; ++again) {
    EXPECT_FALSE(none.says(word::ephemeral));
    EXPECT_TRUE(one.says(word::ephemeral));
    EXPECT_FALSE(one.says(word::disk));
  }
}

}  // namespace
}  // namespace troupe::model
