#pragma once

#include "cli/commands/commands.hpp"

#include <memory>

namespace troupe::cli {

/// The `troupe` command with all that is below it: roles, commands, bench.
std::unique_ptr<CLI::App> make_app(client_factory factory, console io = standard_console());

}  // namespace troupe::cli
