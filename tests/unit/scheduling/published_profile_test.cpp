// floors: model
// What the holder of a scheduler name's Lease tells others of its profile.
#include "model/scheduling/published_profile.hpp"

#include "model/scheduling/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

profile configured(const std::string& text, const plugin_registry& known = in_tree_plugins()) {
  auto out = read_scheduler_config(
      "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n" + text,
      known);
  if (const auto* fault = std::get_if<std::string>(&out)) {
    ADD_FAILURE() << *fault;
    return {};
  }
  return std::get<scheduler_config>(out).profiles.back();
}

published_profile told(const profile& p, const plugin_registry& known = in_tree_plugins()) {
  auto out = read_published_profile(p.published, known);
  if (const auto* fault = std::get_if<std::string>(&out)) {
    ADD_FAILURE() << *fault;
    return {};
  }
  return std::get<published_profile>(std::move(out));
}

TEST(PublishedProfile, IsTheSameProfileToWhoReadsIt) {
  for (const char* text : {
           "",
           "profiles: [{schedulerName: a}, {schedulerName: packing, plugins: {score: {disabled: "
           "[{name: '*'}], enabled: [{name: NodeResourcesFit, weight: 7}]}}, pluginConfig: [{name: "
           "NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated, resources: [{name: "
           "cpu, weight: 3}]}}}]}]",
           "profiles: [{plugins: {multiPoint: {disabled: [{name: TaintToleration}, {name: "
           "PodTopologySpread}]}, filter: {disabled: [{name: NodePorts}]}}}]",
           "profiles: [{pluginConfig: [{name: NodeAffinity, args: {addedAffinity: "
           "{requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
           "[{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}}}, {name: "
           "PodTopologySpread, args: {defaultingType: List, defaultConstraints: [{maxSkew: 2, "
           "topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}}, {name: InterPodAffinity, "
           "args: {hardPodAffinityWeight: 9}}]}]",
           "profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: "
           "RequestedToCapacityRatio, requestedToCapacityRatio: {shape: [{utilization: 0, score: "
           "0}, {utilization: 100, score: 10}]}}}}]}]",
       }) {
    const auto is = configured(text);
    ASSERT_NE(is.published, "") << text;
    const auto read = told(is);
    const auto& other = read.rules;
    EXPECT_EQ(other.scheduler_name, is.scheduler_name) << text;
    EXPECT_EQ(other.weights, is.weights) << text;
    EXPECT_EQ(other.fit, is.fit) << text;
    EXPECT_EQ(other.balanced, is.balanced) << text;
    EXPECT_EQ(other.filters.enabled, is.filters.enabled) << text;
    EXPECT_EQ(other.filters.added_affinity.has_value(), is.filters.added_affinity.has_value());
    EXPECT_EQ(other.default_spread.size(), is.default_spread.size()) << text;
    EXPECT_EQ(other.hard_pod_affinity_weight, is.hard_pod_affinity_weight) << text;
    EXPECT_EQ(other.published, is.published) << text;
    EXPECT_EQ(read.extenders, 0u);
    EXPECT_THAT(read.missing, IsEmpty());
  }
}

TEST(PublishedProfile, TellsOfExtendersWhatTheyManageAndNoMore) {
  const auto p = configured(
      "extenders: [{urlPrefix: 'http://me:secret@one', filterVerb: f, managedResources: [{name: "
      "example.com/gpu, ignoredByScheduler: true}, {name: example.com/tpu}]}, {urlPrefix: "
      "http://two, filterVerb: f}]");
  EXPECT_THAT(p.published, Not(HasSubstr("secret")));
  const auto read = told(p);
  EXPECT_EQ(read.extenders, 2u);
  EXPECT_THAT(read.rules.filters.ignored_resources, ElementsAre("example.com/gpu"));
}

TEST(PublishedProfile, LeavesOutPluginsThatAreNotHere) {
  auto known = in_tree_plugins();
  known["Quiet"] = bit_of(extension_point::filter) | bit_of(extension_point::score);
  const auto p = configured(
      "profiles: [{plugins: {multiPoint: {enabled: [{name: Quiet, weight: 5}]}}, pluginConfig: "
      "[{name: Quiet, args: {limit: 3}}]}]",
      known);
  const auto here = told(p, known);
  EXPECT_THAT(here.missing, IsEmpty());
  ASSERT_EQ(here.rules.custom.size(), 1u);
  EXPECT_EQ(here.rules.custom[0].weight, 5);
  EXPECT_EQ(here.rules.custom[0].args, (json{{"limit", 3}}));
  const auto elsewhere = told(p);
  EXPECT_THAT(elsewhere.missing, ElementsAre("Quiet"));
  EXPECT_THAT(elsewhere.rules.custom, IsEmpty());
}

TEST(PublishedProfile, WhatIsNoneIsAFault) {
  for (const char* text : {"", "[]", "{}", "{\"profile\":7}", "no JSON",
                           "{\"profile\":{\"schedulerName\":\"a\",\"plugins\":{\"score\":{"
                           "\"enabled\":[{\"name\":\"Nobody\"}]}}}}"}) {
    auto out = read_published_profile(text, in_tree_plugins());
    const auto* fault = std::get_if<std::string>(&out);
    ASSERT_NE(fault, nullptr) << text;
    EXPECT_NE(*fault, "") << text;
  }
}

TEST(PublishedProfile, OneThatIsTooLargeIsNotTold) {
  std::string list;
  for (int i = 0; i < 8000; ++i)
    list += (i == 0 ? "" : ", ") + ("example.com/resource-" + std::to_string(i));
  EXPECT_EQ(configured("profiles: [{pluginConfig: [{name: NodeResourcesFit, args: "
                       "{ignoredResources: [" +
                       list + "]}}]}]")
                .published,
            "");
}

}  // namespace
}  // namespace troupe::model
