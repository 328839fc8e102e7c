#pragma once

#include "model/json.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli::bench {

/// A workload of bench/scheduler_workloads.yaml in one of its sizes.
struct scheduler_workload {
  /// Pods of one kind.
  struct batch {
    std::string name;  ///< of the template
    std::string ns;
    model::json pod;  ///< without a name
    std::size_t count = 0;
    std::size_t first = 0;  ///< the number of its first pod among all of the workload
    bool fits = true;       ///< false: it is made to fit nowhere
    std::string volume;     ///< each pod has one of this kind and a claim of its own; empty: none
    std::optional<std::size_t> claims_from;  ///< or the claims of the pods from this number on
    /// Its priority; a cluster has to have a class for it.
    std::int64_t priority() const;
  };

  std::string name;  ///< "SchedulingBasic/500Nodes"
  model::json node;  ///< what a node has: status.allocatable
  std::vector<std::string> zones;
  std::size_t nodes = 0;
  std::vector<batch> init;
  batch measure;
  std::vector<batch> beside;  ///< made and measured with it

  model::json namespace_labels;
  std::map<std::string, std::int64_t> csi;  ///< volumes that each node takes, by driver
  std::vector<std::string> migrated;        ///< in-tree plugins that its CSINodes name
  std::size_t tainted = 0;                  ///< every so many nodes one is; 0: none
  std::string churn;      ///< template of the pod that comes and goes; empty: none
  bool unblocks = false;  ///< the pods of `init` are in the way, and are deleted

  /// All batches, in their order.
  std::vector<const batch*> batches() const;
  /// It is about what happens in a cluster: decisions alone say nothing of it.
  bool needs_cluster() const { return unblocks || !churn.empty(); }
};

/// By "SchedulingBasic" (its smallest size), "SchedulingBasic/5000Nodes" or, of a size of one's
/// own, "SchedulingBasic/2000x500x1000": nodes, pods before, measured pods. Throws bench_error that
/// says what there is.
scheduler_workload find_workload(const std::string& name);
/// The names of all of them.
std::vector<std::string> workload_names();

/// The pod of a workload's churn.
scheduler_workload::batch churn_of(const scheduler_workload& w);
/// The volume that pod number `i` of a batch has, and the claim that names it: as they are created,
/// before they are bound.
struct volume_pair {
  model::json volume, claim;
};
volume_pair volume_of(const scheduler_workload::batch& b, std::size_t i);
/// What node number `i` says of its CSI drivers; null: nothing.
model::json csi_node_of(const scheduler_workload& w, std::size_t i);

/// A node as a described cluster has it: number `i` of a workload.
model::json node_of(const scheduler_workload& w, std::size_t i);
/// A pod as it would be stored, but pending: number `i` of all of the workload.
model::json pod_of(const scheduler_workload& w, const scheduler_workload::batch& b,
                   const std::string& name, std::size_t i);

}  // namespace troupe::cli::bench
