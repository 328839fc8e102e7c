#pragma once

#include "model/admission/cluster_view.hpp"
#include "model/scheduling/simulation.hpp"
#include "model/schema.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// On a Pod or a Node that stands for several: how many. Names get numbers.
inline constexpr const char* count_annotation = "troupe.io/count";

/// What a document of a simulation's input is to it.
enum class simulated_role : std::uint8_t {
  pods,  ///< a Pod, or a workload that would make pods
  node,
  context,  ///< what decides about pods beside them: claims, volumes, Services, budgets ...
  other     ///< makes no difference to where pods go
};
simulated_role role_in_simulation(const kind_info& kind);

/// The count of a document's annotation; 1 without one, nothing for one that is no number from 1
/// to ten million.
std::optional<std::size_t> simulated_count(const json& document);

/// What would be made of a Pod or a workload (Deployment, ReplicaSet, ReplicationController,
/// StatefulSet, DaemonSet, Job), with what admission does to new pods; `document` has been
/// defaulted. `view` finds priority classes and the like. The objects that the workload's
/// pods belong to are put into `cluster`. Throws std::runtime_error when admission refuses the
/// pods.
simulated_pods pods_of(const kind_info& kind, const json& document, cluster_snapshot& cluster,
                       const cluster_view& view);

/// Nodes in short: "count=100,cpu=4,memory=16Gi,pods=110,zones=3,name=node,label:KEY=VALUE,
/// taint=KEY=VALUE:EFFECT,nvidia.com/gpu=8". Throws std::runtime_error that says what is wrong.
std::vector<json> nodes_in_short(const std::string& text);
/// Pods in short: "count=1000,cpu=100m,memory=128Mi,priority=5,name=pod,label:KEY=VALUE". Throws
/// the same.
json pods_in_short(const std::string& text);

}  // namespace troupe::model
