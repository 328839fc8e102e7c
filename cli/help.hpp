#pragma once

#include <CLI/CLI.hpp>

namespace troupe::cli {

/// Puts the commands into groups and an example below each one's help. Every command has to be in
/// the table; throws std::logic_error for one that is not.
void add_help(CLI::App& app);

}  // namespace troupe::cli
