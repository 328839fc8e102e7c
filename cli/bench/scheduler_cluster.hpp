#pragma once

#include "cli/bench/figures.hpp"
#include "cli/bench/scheduler_workload.hpp"

#include <string>
#include <vector>

namespace troupe::cli::bench {

struct scheduler_cluster_options {
  std::size_t connections = 32;
  std::size_t schedulers = 1;
};

/// How `troupe up` is started for it. Nobody speaks for the nodes: they have to do without for as
/// long as it takes, or they are given up and take no pods.
std::vector<std::string> cluster_flags(const scheduler_cluster_options& options);

/// Starts a cluster, makes a workload's nodes (objects that no kubelet stands for, as
/// scheduler_perf does) and pods, and measures how fast those that count are created and bound.
/// Throws bench_error.
void measure_workload(const scheduler_workload& w, const scheduler_cluster_options& options,
                      figures& out);

}  // namespace troupe::cli::bench
