#pragma once

#include "model/pod_view.hpp"
#include "model/scheduling/filters.hpp"
#include "model/scheduling/placement_rules.hpp"
#include "model/scheduling/plugin.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::model {

/// A resource that is scored, with its weight among the others.
struct scored_resource {
  std::string name;
  std::int64_t weight = 1;
  bool operator==(const scored_resource&) const = default;
};

enum class scoring_strategy : std::uint8_t {
  least_allocated,
  most_allocated,
  requested_to_capacity_ratio
};

/// A point of the function that RequestedToCapacityRatio scores by.
struct utilization_point {
  std::int64_t utilization = 0;  ///< percent
  std::int64_t score = 0;        ///< 0 to 100
  bool operator==(const utilization_point&) const = default;
};

/// How NodeResourcesFit scores (NodeResourcesFitArgs.scoringStrategy).
struct fit_scoring {
  scoring_strategy strategy = scoring_strategy::least_allocated;
  std::vector<scored_resource> resources{{"cpu", 1}, {"memory", 1}};
  std::vector<utilization_point> shape;  ///< sorted; of requested_to_capacity_ratio
  bool operator==(const fit_scoring&) const = default;
};

/// Weights of the score plugins; 0: the plugin does not score. The defaults are those of
/// kube-scheduler 1.32.
struct score_weights {
  std::int64_t resources_fit = 1;
  std::int64_t balanced_allocation = 1;
  std::int64_t node_affinity = 2;
  std::int64_t taint_toleration = 3;
  std::int64_t inter_pod_affinity = 2;
  std::int64_t topology_spread = 2;
  std::int64_t image_locality = 1;
  bool operator==(const score_weights&) const = default;
};

/// How many candidates DefaultPreemption looks for (DefaultPreemptionArgs).
struct preemption_rules {
  bool enabled = true;
  std::size_t least_candidates = 100;
  std::size_t candidates_percentage = 10;
  bool operator==(const preemption_rules&) const = default;
};

/// A plugin of others in a profile.
struct custom_use {
  std::string name;
  bool filters = false;
  std::int64_t weight = 0;                          ///< of its scores; 0: it does not score
  json args;                                        ///< of pluginConfig; null: none
  std::shared_ptr<const scheduling_plugin> plugin;  ///< null until its library is loaded
};

/// How the pods of one scheduler name are placed: a profile of a KubeSchedulerConfiguration,
/// defaulted and checked. One that nothing has been said about is kube-scheduler's own.
struct profile {
  std::string scheduler_name = "default-scheduler";
  filter_rules filters;
  score_weights weights;
  fit_scoring fit;
  std::vector<scored_resource> balanced{{"cpu", 1}, {"memory", 1}};
  std::vector<preferred_term> added_preferences;  ///< of every pod (NodeAffinityArgs)
  /// What a required affinity of a pod that is there adds to the score of what it wants.
  std::int64_t hard_pod_affinity_weight = 1;
  /// Constraints of pods that have none and belong to a workload; whom they count is for it to say.
  std::vector<spread_constraint> default_spread = system_default_spread({});
  preemption_rules preemption;
  std::chrono::seconds volume_timeout{600};
  std::vector<custom_use> custom;
  /// What others are told of it (read_published_profile); empty: it is the default one, or too
  /// large to tell.
  std::string published;

  bool system_spread_defaults = true;          ///< Kubernetes' own: nodes may lack their labels
  bool ignores_preferences_of_others = false;  ///< of pods that prefer no company themselves
  /// NodeAffinity's PreFilter: pods that name their nodes are tried on no others.
  bool narrows_by_name = true;
  bool binds_volumes = true;   ///< VolumeBinding reserves and pre-binds
  bool respects_gates = true;  ///< SchedulingGates

  /// Scores of resources are those of kube-scheduler's defaults, weights aside.
  bool scores_plainly() const;
  /// Pods without rules of their own may depend on others all the same.
  bool demands_spread() const;
};

}  // namespace troupe::model
