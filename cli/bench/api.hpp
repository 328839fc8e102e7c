#pragma once

#include "cli/bench/endpoint.hpp"
#include "cli/bench/figures.hpp"

#include <cstddef>

namespace troupe::cli::bench {

struct api_options {
  std::size_t objects = 10'000;  ///< pods made
  std::size_t connections = 32;  ///< keep-alive connections of the load
  std::size_t watchers = 100;    ///< watches open for the fan-out
  double duration = 5;           ///< seconds of each measurement but the first
  std::size_t events = 200;      ///< changes a second that the watchers see
};

/// Create, get, list, patch, watch latency and fan-out, one after the other. Throws bench_error.
void measure_api(const endpoint& to, const api_options& options, figures& out);

}  // namespace troupe::cli::bench
