#include "model/scheduling/config.hpp"
#include "model/scheduling/extension.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// A configuration is refused with words, or comes to profiles that can be scored by; what extenders
// say names nodes that they were asked about, or is a fault.
void fuzz(std::string_view input) {
  const auto read = read_scheduler_config(input);
  if (const auto* fault = std::get_if<std::string>(&read)) {
    require(!fault->empty(), "a configuration is refused without a word");
  } else {
    const auto& config = std::get<scheduler_config>(read);
    require(!config.profiles.empty(), "no profile at all");
    for (const auto& p : config.profiles)
      require(!p.scheduler_name.empty() &&
                  (p.fit.strategy != scoring_strategy::requested_to_capacity_ratio ||
                   !p.fit.shape.empty()),
              "a profile that nothing can be scored by");
  }
  extender_config e;
  for (const bool names : {false, true}) {
    e.node_cache_capable = names;
    const auto said = read_filter_result(e, input, {"a", "b"});
    if (said.error.empty())
      for (const auto& n : said.nodes)
        require(n == "a" || n == "b", "a node that was not asked of");
  }
  read_priorities(input);
  read_binding_result(input);
}

std::vector<std::string> seeds() {
  const std::string header =
      "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
  return {header + "profiles: [{schedulerName: a}, {schedulerName: b}]\nparallelism: 3\n",
          header +
              "profiles:\n- plugins: {score: {disabled: [{name: '*'}], enabled: [{name: "
              "NodeResourcesFit, weight: 5}]}}\n  pluginConfig: [{name: NodeResourcesFit, args: "
              "{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: "
              "{shape: [{utilization: 0, score: 1}, {utilization: 100, score: 10}]}}}}]\n",
          header +
              "profiles:\n- pluginConfig: [{name: PodTopologySpread, args: {defaultingType: List, "
              "defaultConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: "
              "ScheduleAnyway}]}}, {name: NodeAffinity, args: {addedAffinity: "
              "{requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
              "[{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}}}]\n",
          header +
              "leaderElection: {leaseDuration: 1m, renewDeadline: 30s}\nextenders: [{urlPrefix: "
              "http://x, filterVerb: f, httpTimeout: 1s, managedResources: [{name: a.b/c}]}]\n",
          R"({"NodeNames":["a"],"FailedNodes":{"b":"why"},"Error":""})",
          R"({"Nodes":{"items":[{"metadata":{"name":"b"}}]}})",
          R"([{"Host":"a","Score":3}])"};
}
