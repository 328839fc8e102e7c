#pragma once

#include "cli/bench/api.hpp"
#include "cli/bench/workload.hpp"

namespace troupe::cli::bench {

/// Changes of `options.watched` pods at an even pace, `options.events` a second, while
/// `options.watchers` watches, each of one of these pods, time how long every change takes from its
/// request to the watcher. Throws bench_error.
void measure_fan_out(const endpoint& to, const workload& objects, const api_options& options,
                     figures& out);

}  // namespace troupe::cli::bench
