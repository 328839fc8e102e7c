// floors: model
// KubeSchedulerConfiguration files: what they come to, and how kube-scheduler refuses them.
#include "model/scheduling/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* header = R"(apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
)";

scheduler_config read(const std::string& text) {
  auto out = read_scheduler_config(header + text);
  if (const auto* fault = std::get_if<std::string>(&out)) {
    ADD_FAILURE() << *fault;
    return {};
  }
  return std::get<scheduler_config>(std::move(out));
}

std::string fault_of(const std::string& text) {
  auto out = read_scheduler_config(text);
  const auto* fault = std::get_if<std::string>(&out);
  return fault ? *fault : "";
}

TEST(SchedulerConfig, SaysNothingAndMeansTheDefaults) {
  const auto c = read("");
  ASSERT_EQ(c.profiles.size(), 1u);
  const profile& p = c.profiles[0];
  const profile standard;
  EXPECT_EQ(p.scheduler_name, "default-scheduler");
  EXPECT_EQ(p.weights, standard.weights);
  EXPECT_EQ(p.fit, standard.fit);
  EXPECT_EQ(p.balanced, standard.balanced);
  EXPECT_EQ(p.filters.enabled, all_plugins);
  EXPECT_EQ(p.preemption, standard.preemption);
  EXPECT_EQ(p.hard_pod_affinity_weight, 1);
  EXPECT_TRUE(p.scores_plainly() && p.system_spread_defaults && p.binds_volumes &&
              p.respects_gates && p.narrows_by_name);
  EXPECT_EQ(p.default_spread.size(), 2u);
  EXPECT_EQ(c.initial_backoff, std::chrono::seconds(1));
  EXPECT_EQ(c.max_backoff, std::chrono::seconds(10));
  EXPECT_EQ(c.lease_duration, std::chrono::seconds(15));
}

TEST(SchedulerConfig, AProfileIsASchedulerName) {
  const auto c = read(R"(
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 30
parallelism: 4
percentageOfNodesToScore: 50
leaderElection: {leaseDuration: 1m, renewDeadline: 40s, retryPeriod: 5s}
profiles:
- schedulerName: default-scheduler
- schedulerName: packing
  percentageOfNodesToScore: 10
  pluginConfig:
  - name: NodeResourcesFit
    args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      ignoredResources: [example.com/token]
      ignoredResourceGroups: [example.org]
      scoringStrategy:
        type: MostAllocated
        resources: [{name: cpu, weight: 3}, {name: example.com/gpu}]
)");
  ASSERT_EQ(c.profiles.size(), 2u);
  const auto& p = c.profiles[1];
  EXPECT_EQ(p.scheduler_name, "packing");
  EXPECT_EQ(p.fit.strategy, scoring_strategy::most_allocated);
  EXPECT_EQ(p.fit.resources, (std::vector<scored_resource>{{"cpu", 3}, {"example.com/gpu", 1}}));
  EXPECT_FALSE(p.scores_plainly());
  EXPECT_TRUE(c.profiles[0].scores_plainly());
  EXPECT_TRUE(p.filters.ignores("example.com/token"));
  EXPECT_TRUE(p.filters.ignores("example.org/any"));
  EXPECT_FALSE(p.filters.ignores("example.com/gpu"));
  EXPECT_EQ(c.lease_duration, std::chrono::seconds(60));
  EXPECT_EQ(c.retry_period, std::chrono::seconds(5));
  EXPECT_EQ(c.initial_backoff, std::chrono::seconds(2));
}

TEST(SchedulerConfig, ArgumentsReachTheProfile) {
  const auto p = read(R"(
profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy:
        type: RequestedToCapacityRatio
        requestedToCapacityRatio:
          shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]
  - name: NodeResourcesBalancedAllocation
    args: {resources: [{name: cpu}, {name: memory}, {name: example.com/gpu, weight: 0}]}
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]
        preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 7
          preference: {matchExpressions: [{key: fast, operator: Exists}]}
  - name: InterPodAffinity
    args: {hardPodAffinityWeight: 9, ignorePreferredTermsOfExistingPods: true}
  - name: PodTopologySpread
    args:
      defaultingType: List
      defaultConstraints: [{maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]
  - name: DefaultPreemption
    args: {minCandidateNodesPercentage: 20, minCandidateNodesAbsolute: 5}
  - name: VolumeBinding
    args: {bindTimeoutSeconds: 42}
  - name: SomebodyElses
    args: {any: thing}
)")
                     .profiles.at(0);
  EXPECT_EQ(p.fit.shape, (std::vector<utilization_point>{{0, 0}, {100, 100}}));
  EXPECT_EQ(p.balanced,
            (std::vector<scored_resource>{{"cpu", 1}, {"memory", 1}, {"example.com/gpu", 1}}));
  ASSERT_TRUE(p.filters.added_affinity);
  EXPECT_EQ(p.filters.added_affinity->at(0).labels.at(0).key, "disk");
  EXPECT_EQ(p.added_preferences.at(0).weight, 7);
  EXPECT_EQ(p.hard_pod_affinity_weight, 9);
  EXPECT_TRUE(p.ignores_preferences_of_others);
  EXPECT_FALSE(p.system_spread_defaults);
  ASSERT_EQ(p.default_spread.size(), 1u);
  EXPECT_EQ(p.default_spread[0].topology_key, "zone");
  EXPECT_TRUE(p.demands_spread());
  EXPECT_EQ(p.preemption, (preemption_rules{true, 5, 20}));
  EXPECT_EQ(p.volume_timeout, std::chrono::seconds(42));
}

TEST(SchedulerConfig, PluginsAreTurnedOffAndOnAndWeighed) {
  const auto c = read(R"(
profiles:
- schedulerName: a
  plugins:
    score:
      disabled: [{name: NodeResourcesFit}, {name: ImageLocality}]
      enabled: [{name: TaintToleration, weight: 5}]
    filter:
      disabled: [{name: NodePorts}, {name: TaintToleration}]
    postFilter:
      disabled: [{name: '*'}]
- schedulerName: b
  plugins:
    multiPoint:
      disabled: [{name: InterPodAffinity}]
      enabled: [{name: NodeAffinity, weight: 8}]
    score:
      disabled: [{name: '*'}]
      enabled: [{name: NodeResourcesFit, weight: 2}]
- schedulerName: c
  plugins:
    multiPoint:
      disabled: [{name: '*'}]
      enabled: [{name: PrioritySort}, {name: DefaultBinder}, {name: NodeName}]
)");
  const auto& a = c.profiles.at(0);
  EXPECT_EQ(a.weights, (score_weights{0, 1, 2, 5, 2, 2, 0}));
  EXPECT_EQ(a.filters.enabled, all_plugins & ~(node_ports | taint_toleration));
  EXPECT_FALSE(a.preemption.enabled);
  const auto& b = c.profiles.at(1);
  EXPECT_EQ(b.weights, (score_weights{2, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(b.filters.enabled, all_plugins & ~inter_pod_affinity);
  const auto& only_name = c.profiles.at(2);
  EXPECT_EQ(only_name.weights, (score_weights{0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(only_name.filters.enabled, plugin::node_name | custom_plugin | extender);
  EXPECT_FALSE(only_name.preemption.enabled || only_name.binds_volumes ||
               only_name.respects_gates || only_name.narrows_by_name);
}

TEST(SchedulerConfig, PluginsOfOthersHaveAPlaceToo) {
  auto known = in_tree_plugins();
  known["Cheap"] = bit_of(extension_point::filter) | bit_of(extension_point::score);
  const auto merged =
      merged_plugins({{"multiPoint", {{"enabled", {{{"name", "Cheap"}, {"weight", 4}}}}}},
                      {"filter", {{"enabled", {{{"name", "Cheap"}}}}}}});
  const auto out = std::get<enabled_plugins>(expand_plugins(merged, known, "x"));
  EXPECT_EQ(out.of(extension_point::filter).front(), "Cheap");  // what a point names comes first
  EXPECT_EQ(out.of(extension_point::score).back(), "Cheap");
  EXPECT_EQ(out.weights.at("Cheap"), 4);
  EXPECT_EQ(out.weights.at("TaintToleration"), 3);
}

TEST(SchedulerConfig, ExtendersAreRead) {
  const auto c = read(R"(
extenders:
- urlPrefix: https://one:8443/scheduler
  filterVerb: filter
  prioritizeVerb: prioritize
  weight: 5
  enableHTTPS: true
  httpTimeout: 1500ms
  nodeCacheCapable: true
  ignorable: true
  managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]
  tlsConfig: {serverName: one.example, caData: Y2E=, certFile: /c, keyFile: /k}
- urlPrefix: http://two
  bindVerb: bind
)");
  ASSERT_EQ(c.extenders.size(), 2u);
  EXPECT_EQ(c.extenders[0].url_prefix, "http://two") << "those that may be ignored come last";
  const auto& e = c.extenders[1];
  EXPECT_EQ(e.timeout, std::chrono::milliseconds(1500));
  EXPECT_TRUE(e.ignorable && e.node_cache_capable && e.transport.https);
  EXPECT_FALSE(e.transport.insecure);
  EXPECT_EQ(e.transport.ca, "ca");
  EXPECT_THAT(e.managed, ElementsAre("example.com/gpu"));
  EXPECT_EQ(c.extenders[0].timeout, std::chrono::seconds(5));
  EXPECT_TRUE(c.profiles[0].filters.ignores("example.com/gpu"));
}

TEST(SchedulerConfig, ExtendersHavePrecedenceInWhatIsIgnored) {
  const char* fit = R"(
profiles:
- pluginConfig:
  - {name: NodeResourcesFit, args: {ignoredResources: [example.com/own], ignoredResourceGroups: [group.example.com]}}
)";
  const struct {
    const char* extenders;
    bool own, gpu, tpu;
  } cases[] = {
      {"", true, false, false},
      {"extenders: [{urlPrefix: http://a, managedResources: [{name: example.com/gpu}]}]", true,
       false, false},
      {"extenders: [{urlPrefix: http://a, managedResources: [{name: example.com/gpu, "
       "ignoredByScheduler: true}, {name: example.com/tpu}]}]",
       false, true, false},
      {"extenders: [{urlPrefix: http://a, managedResources: [{name: example.com/gpu, "
       "ignoredByScheduler: true}]}, {urlPrefix: http://b, managedResources: [{name: "
       "example.com/tpu, ignoredByScheduler: true}]}]",
       false, true, true},
  };
  for (const auto& row : cases) {
    const auto c = read(std::string(fit) + row.extenders + "\n");
    const auto& filters = c.profiles.at(0).filters;
    EXPECT_EQ(filters.ignores("example.com/own"), row.own) << row.extenders;
    EXPECT_EQ(filters.ignores("example.com/gpu"), row.gpu) << row.extenders;
    EXPECT_EQ(filters.ignores("example.com/tpu"), row.tpu) << row.extenders;
    EXPECT_TRUE(filters.ignores("group.example.com/any")) << row.extenders;
  }
}

struct refused {
  const char* what;
  std::string text;
  std::string why;
};

std::string profile_with(const std::string& yaml) {
  return std::string(header) + "profiles:\n- schedulerName: s\n" + yaml;
}

class SchedulerConfigRefuses : public testing::TestWithParam<refused> {};

TEST_P(SchedulerConfigRefuses, InKubeSchedulersWords) {
  EXPECT_EQ(fault_of(GetParam().text), GetParam().why);
}

const refused cases[] = {
    {"NoKind", "apiVersion: kubescheduler.config.k8s.io/v1\n",
     R"(Object 'Kind' is missing in '{"apiVersion":"kubescheduler.config.k8s.io/v1"}')"},
    {"NoVersion", "kind: KubeSchedulerConfiguration\n",
     R"(Object 'apiVersion' is missing in '{"kind":"KubeSchedulerConfiguration"}')"},
    {"OldVersion",
     "apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration\n",
     R"(no kind "KubeSchedulerConfiguration" is registered for version )"
     R"("kubescheduler.config.k8s.io/v1beta3" in scheme )"
     R"("pkg/scheduler/apis/config/scheme/scheme.go:30")"},
    {"UnknownField", std::string(header) + "profile: []\n",
     R"(strict decoding error: unknown field "profile")"},
    {"WrongType", std::string(header) + "parallelism: many\n",
     "json: cannot unmarshal string into Go struct field KubeSchedulerConfiguration.parallelism "
     "of type int32"},
    {"UnknownFieldOfArguments",
     profile_with("  pluginConfig:\n  - name: NodeResourcesFit\n    args: {scoringStrategy: "
                  "{resources: [{Name: cpu}]}}\n"),
     R"(strict decoding error: decoding .profiles[0].pluginConfig[0]: strict decoding error: )"
     R"(decoding args for plugin NodeResourcesFit: strict decoding error: unknown field )"
     R"("scoringStrategy.resources[0].Name")"},
    {"ArgumentsOfAnotherPlugin",
     profile_with("  pluginConfig:\n  - name: DefaultPreemption\n    args: {apiVersion: "
                  "kubescheduler.config.k8s.io/v1, kind: InterPodAffinityArgs}\n"),
     "decoding .profiles[0].pluginConfig[0]: args for plugin DefaultPreemption were not of type "
     "DefaultPreemptionArgs.kubescheduler.config.k8s.io, got "
     "InterPodAffinityArgs.kubescheduler.config.k8s.io"},
    {"TwoOfOneName", std::string(header) + "profiles: [{schedulerName: s}, {schedulerName: s}]\n",
     "profiles[1].schedulerName: Duplicate value: profiles[0].schedulerName"},
    {"NoNameAmongSeveral", std::string(header) + "profiles: [{schedulerName: s}, {}]\n",
     "profiles[1].schedulerName: Required value"},
    {"UnknownPlugin", profile_with("  plugins: {score: {enabled: [{name: Nobody}]}}\n"),
     R"(initializing profiles: creating profile for scheduler name s: ScorePlugin "Nobody" does )"
     R"(not exist)"},
    {"UnknownPluginEverywhere",
     profile_with("  plugins: {multiPoint: {enabled: [{name: Nobody}]}}\n"),
     R"(initializing profiles: creating profile for scheduler name s: PreFilterPlugin "Nobody" )"
     R"(does not exist)"},
    {"NoSuchPoint", profile_with("  plugins: {score: {enabled: [{name: NodeName}]}}\n"),
     R"(initializing profiles: creating profile for scheduler name s: plugin "NodeName" does not )"
     R"(extend ScorePlugin plugin)"},
    {"Twice",
     profile_with("  plugins: {filter: {enabled: [{name: NodeName}, {name: NodeName}]}}\n"),
     R"(initializing profiles: creating profile for scheduler name s: plugin "NodeName" already )"
     R"(registered as "FilterPlugin")"},
    {"RemovedPlugin", profile_with("  plugins: {filter: {enabled: [{name: EBSLimits}]}}\n"),
     R"(profiles[0].plugins.filter.enabled[0]: Invalid value: "EBSLimits": was invalid in version )"
     R"("kubescheduler.config.k8s.io/v1" (KubeSchedulerConfiguration is version )"
     R"("kubescheduler.config.k8s.io/v1"))"},
    {"NoQueueSort", profile_with("  plugins: {queueSort: {disabled: [{name: '*'}]}}\n"),
     R"(initializing profiles: creating profile for scheduler name s: only one queue sort plugin )"
     R"(required for profile with scheduler name "s", but got 0)"},
    {"NoBind", profile_with("  plugins: {bind: {disabled: [{name: DefaultBinder}]}}\n"),
     R"(initializing profiles: creating profile for scheduler name s: at least one bind plugin is )"
     R"(needed for profile with scheduler name "s")"},
    {"OtherQueueSort",
     std::string(header) +
         "profiles: [{schedulerName: a}, {schedulerName: b, plugins: {queueSort: {enabled: "
         "[{name: PrioritySort}]}}}]\n",
     R"(profiles[1].plugins.queueSort: Invalid value: )"
     R"(config.PluginSet{Enabled:[]config.Plugin{config.Plugin{Name:"PrioritySort", Weight:0}}, )"
     R"(Disabled:[]config.Plugin(nil)}: must be the same for all profiles)"},
    {"ArgumentsTwice",
     profile_with("  pluginConfig: [{name: NodeAffinity}, {name: NodeAffinity}]\n"),
     R"(profiles[0].pluginConfig[1]: Duplicate value: "NodeAffinity")"},
    {"ManyThings",
     std::string(header) + "parallelism: 0\npercentageOfNodesToScore: 101\n"
                           "podInitialBackoffSeconds: 0\npodMaxBackoffSeconds: -1\n",
     "[parallelism: Invalid value: 0: should be an integer value greater than zero, "
     "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100], "
     "podInitialBackoffSeconds: Invalid value: 0: must be greater than 0, "
     "podMaxBackoffSeconds: Invalid value: -1: must be greater than or equal to "
     "PodInitialBackoffSeconds]"},
    {"Leases", std::string(header) + "leaderElection: {leaseDuration: 5s, renewDeadline: 10s}\n",
     "leaderElection.leaseDuration: Invalid value: 10s: LeaseDuration must be greater than "
     "RenewDeadline"},
    {"NotADuration", std::string(header) + "leaderElection: {retryPeriod: often}\n",
     R"(leaderElection.retryPeriod: Invalid value: "often": time: invalid duration "often")"},
    {"HardWeight",
     profile_with("  pluginConfig: [{name: InterPodAffinity, args: {hardPodAffinityWeight: "
                  "101}}]\n"),
     "profiles[0].pluginConfig[0].args.hardPodAffinityWeight: Invalid value: 101: not in valid "
     "range [0, 100]"},
    {"PreemptionNever",
     profile_with("  pluginConfig: [{name: DefaultPreemption, args: {minCandidateNodesPercentage: "
                  "0, minCandidateNodesAbsolute: 0}}]\n"),
     "[profiles[0].pluginConfig[0].args.minCandidateNodesPercentage: Invalid value: 0: cannot be "
     "zero at the same time as minCandidateNodesAbsolute, "
     "profiles[0].pluginConfig[0].args.minCandidateNodesAbsolute: Invalid value: 0: cannot be "
     "zero at the same time as minCandidateNodesPercentage]"},
    {"SystemSpreadWithAList",
     profile_with("  pluginConfig: [{name: PodTopologySpread, args: {defaultConstraints: "
                  "[{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}}]\n"),
     R"(profiles[0].pluginConfig[0].args.defaultingType: Invalid value: "System": when )"
     R"(.defaultConstraints are not empty)"},
    {"SpreadWithASelector",
     profile_with("  pluginConfig: [{name: PodTopologySpread, args: {defaultingType: List, "
                  "defaultConstraints: [{maxSkew: 0, topologyKey: zone, whenUnsatisfiable: Maybe, "
                  "labelSelector: {}}]}}]\n"),
     R"([profiles[0].pluginConfig[0].args.defaultConstraints[0].maxSkew: Invalid value: 0: not in )"
     R"(valid range (0, inf), )"
     R"(profiles[0].pluginConfig[0].args.defaultConstraints[0].whenUnsatisfiable: Unsupported )"
     R"(value: "Maybe": supported values: "DoNotSchedule", "ScheduleAnyway", )"
     R"(profiles[0].pluginConfig[0].args.defaultConstraints[0].labelSelector: Forbidden: )"
     R"(constraint must not define a selector, as they deduced for each pod])"},
    {"Balance",
     profile_with("  pluginConfig: [{name: NodeResourcesBalancedAllocation, args: {resources: "
                  "[{name: cpu, weight: 2}, {name: cpu}]}}]\n"),
     R"([profiles[0].pluginConfig[0].args.resources[0].weight: Invalid value: 2: must be 1, )"
     R"(profiles[0].pluginConfig[0].args.resources[1].name: Duplicate value: "cpu"])"},
    {"Strategy",
     profile_with("  pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: "
                  "Best, resources: [{name: cpu, weight: 101}]}}}]\n"),
     R"(initializing profiles: creating profile for scheduler name s: initializing plugin )"
     R"("NodeResourcesFit": [scoringStrategy.type: Unsupported value: "Best": supported values: )"
     R"("LeastAllocated", "MostAllocated", "RequestedToCapacityRatio", )"
     R"(scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in )"
     R"(valid range (0, 100]])"},
    {"Shape",
     profile_with("  pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: "
                  "RequestedToCapacityRatio, requestedToCapacityRatio: {shape: [{utilization: 50, "
                  "score: 11}, {utilization: 50, score: 1}]}}}}]\n"),
     R"(initializing profiles: creating profile for scheduler name s: initializing plugin )"
     R"("NodeResourcesFit": [scoringStrategy.requestedToCapacityRatio.shape[1].utilization: )"
     R"(Invalid value: 50: values must be sorted in increasing order, )"
     R"(scoringStrategy.requestedToCapacityRatio.shape[0].score: Invalid value: 11: not in valid )"
     R"(range [0, 10]])"},
    {"ShapeForNothing",
     profile_with("  pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: "
                  "LeastAllocated, requestedToCapacityRatio: {}}}}]\n"),
     R"(initializing profiles: creating profile for scheduler name s: initializing plugin )"
     R"("NodeResourcesFit": scoringStrategy.requestedToCapacityRatio: Forbidden: must be nil when )"
     R"(type is not RequestedToCapacityRatio)"},
    {"Extenders",
     std::string(header) +
         "extenders: [{urlPrefix: http://a, prioritizeVerb: p, bindVerb: b}, {urlPrefix: http://b, "
         "bindVerb: b, managedResources: [{name: cpu}]}]\n",
     R"([extenders[0].weight: Invalid value: 0: must have a positive weight applied to it, )"
     R"(extenders[1].managedResources[0].name: Invalid value: "cpu": is an invalid extended )"
     R"(resource name, extenders: Invalid value: "found 2 extenders implementing bind": only one )"
     R"(extender can implement bind])"},
    {"ExtenderWithANegativeWeight",
     std::string(header) + "extenders: [{urlPrefix: http://a, prioritizeVerb: p, weight: -1}]\n",
     R"(extenders[0].weight: Invalid value: -1: must have a positive weight applied to it)"},
    {"ExtenderThatManagesAResourceTwice",
     std::string(header) +
         "extenders: [{urlPrefix: http://a, managedResources: [{name: example.com/a}, {name: "
         "example.com/a}]}]\n",
     R"(extenders[0].managedResources[1].name: Invalid value: "example.com/a": duplicate extender )"
     R"(managed resource name)"},
    {"ExtendersThatManageTheSame",
     std::string(header) +
         "extenders: [{urlPrefix: http://a, managedResources: [{name: example.com/a}]}, "
         "{urlPrefix: "
         "http://b, managedResources: [{name: example.com/b}, {name: example.com/a}]}]\n",
     R"(extenders[1].managedResources[1].name: Invalid value: "example.com/a": duplicate extender )"
     R"(managed resource name)"},
    {"ExtenderWhoseResourceHasNoName",
     std::string(header) +
         "extenders: [{urlPrefix: http://a, managedResources: [{name: example.com/}]}]\n",
     R"([extenders[0].managedResources[0].name: Invalid value: "example.com/": name part must be )"
     R"(non-empty, extenders[0].managedResources[0].name: Invalid value: "example.com/": name part )"
     R"(must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an )"
     R"(alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for )"
     R"(validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')])"},
    {"ExtenderWhoseResourceIsKubernetes",
     std::string(header) +
         "extenders: [{urlPrefix: http://a, managedResources: [{name: kubernetes.io/a}]}]\n",
     R"(extenders[0].managedResources[0].name: Invalid value: "kubernetes.io/a": is an invalid )"
     R"(extended resource name)"},
};

TEST(SchedulerConfig, ExtendersThatAreFine) {
  for (const char* text :
       {"extenders: [{urlPrefix: http://a, filterVerb: f}]",  // no weight: it does not score
        "extenders: [{urlPrefix: http://a, prioritizeVerb: p, weight: 1}]",
        "extenders: [{urlPrefix: http://a, bindVerb: b}, {urlPrefix: http://b, filterVerb: f}]",
        "extenders: [{urlPrefix: http://a, managedResources: [{name: example.com/a}, {name: "
        "example.com/b}]}]",
        "extenders: [{urlPrefix: http://a, preemptVerb: p, httpTimeout: 0s}]"})
    EXPECT_EQ(fault_of(std::string(header) + text + "\n"), "") << text;
}

INSTANTIATE_TEST_SUITE_P(All, SchedulerConfigRefuses, testing::ValuesIn(cases),
                         [](const auto& c) { return c.param.what; });

}  // namespace
}  // namespace troupe::model
