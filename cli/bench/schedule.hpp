#pragma once

#include "cli/bench/figures.hpp"

#include <cstddef>

namespace troupe::cli::bench {

struct schedule_options {
  std::size_t nodes = 1000;
  std::size_t pods = 20'000;
  std::size_t connections = 32;
  std::size_t schedulers = 1;
};

/// Starts a cluster of hollow nodes and has it place pods: how fast, and at what cost. Throws
/// bench_error.
void measure_schedule(const schedule_options& options, figures& out);

}  // namespace troupe::cli::bench
