#pragma once

#include "model/json.hpp"

#include <cstddef>
#include <cstdint>
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
    bool fits = true;  ///< false: it is made to fit nowhere
    /// Its priority; a cluster has to have a class for it.
    std::int64_t priority() const;
  };

  std::string name;  ///< "SchedulingBasic/500Nodes"
  model::json node;  ///< what a node has: status.allocatable
  std::vector<std::string> zones;
  std::size_t nodes = 0;
  std::vector<batch> init;
  batch measure;
};

/// By "SchedulingBasic" (its smallest size), "SchedulingBasic/5000Nodes" or, of a size of one's
/// own, "SchedulingBasic/2000x500x1000": nodes, pods before, measured pods. Throws bench_error that
/// says what there is.
scheduler_workload find_workload(const std::string& name);
/// The names of all of them.
std::vector<std::string> workload_names();

/// A node as a described cluster has it: number `i` of a workload.
model::json node_of(const scheduler_workload& w, std::size_t i);
/// A pod as it would be stored, but pending: number `i` of all of the workload.
model::json pod_of(const scheduler_workload& w, const scheduler_workload::batch& b,
                   const std::string& name, std::size_t i);

}  // namespace troupe::cli::bench
