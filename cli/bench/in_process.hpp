#pragma once

#include "cli/bench/figures.hpp"
#include "cli/bench/scheduler_workload.hpp"

namespace troupe::cli::bench {

/// Has a scheduler's table of offers decide a workload in this process: no store, no messages, no
/// HTTP. Pods come in batches of `batch`, as leases of a queue do. Throws bench_error when a pod
/// that should be placed is not.
void measure_decisions(const scheduler_workload& w, std::size_t batch, figures& out);

}  // namespace troupe::cli::bench
