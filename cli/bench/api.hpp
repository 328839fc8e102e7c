#pragma once

#include "cli/bench/endpoint.hpp"
#include "cli/bench/figures.hpp"
#include "cli/bench/process.hpp"

#include <cstddef>

namespace troupe::cli::bench {

struct api_options {
  std::size_t objects = 10'000;  ///< pods made
  std::size_t connections = 32;  ///< keep-alive connections of the load
  std::size_t watchers = 100;    ///< watches open for the fan-out
  std::size_t watched = 1;       ///< pods that change meanwhile; the watches are spread over them
  double duration = 5;           ///< seconds of each measurement but the first
  std::size_t events = 200;      ///< changes a second that the watchers see
};

/// The plain answer of /readyz, create, get, list, patch, server-side apply, watch latency and
/// fan-out, one after the other; of a server of our own (`own`, may be null) also what they cost
/// it. Throws bench_error.
void measure_api(const endpoint& to, const api_options& options, const cluster* own, figures& out);

}  // namespace troupe::cli::bench
