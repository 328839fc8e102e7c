#pragma once

#include "cli/bench/figures.hpp"

#include <cstddef>

namespace troupe::cli::bench {

struct controllers_options {
  std::size_t nodes = 1000;
  std::size_t replicas = 10'000;   ///< of the one large Deployment
  std::size_t deployments = 1000;  ///< small ones, of ten pods each
  std::size_t idle_seconds = 10;
};

/// Starts a cluster of hollow nodes and has its controllers scale a Deployment up, roll it out
/// anew, fill many small ones at once, and empty their namespace. Throws bench_error.
void measure_controllers(const controllers_options& options, figures& out);

}  // namespace troupe::cli::bench
