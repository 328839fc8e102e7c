#pragma once

#include <CLI/CLI.hpp>

namespace troupe::cli {

/// `troupe bench api|schedule|controllers|startup`: measures a cluster from outside, as its users
/// see it.
void add_bench(CLI::App& app);

}  // namespace troupe::cli
