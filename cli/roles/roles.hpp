#pragma once

#include <CLI/CLI.hpp>

namespace troupe::cli {

// The commands that start, stop and join processes. Each adds itself to the application; a command
// that fails throws CLI::RuntimeError with its exit code after saying why on stderr.

void add_up(CLI::App& app);          ///< troupe up, troupe down
void add_node(CLI::App& app);        ///< troupe node --config FILE
void add_token(CLI::App& app);       ///< troupe token create
void add_kubeconfig(CLI::App& app);  ///< troupe kubeconfig
void add_version(CLI::App& app);     ///< troupe version

}  // namespace troupe::cli
