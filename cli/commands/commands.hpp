#pragma once

#include "cli/client/api_client.hpp"
#include "cli/output/colour.hpp"
#include "model/time.hpp"

#include <CLI/CLI.hpp>

#include <iosfwd>

namespace troupe::cli {

/// Where commands read and write.
struct console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  ///< whether `err` is one: only then progress is shown
  model::wall_clock clock = model::system_wall_clock();
  bool out_terminal = false;
  std::string colour = "auto";  ///< auto, always or never
  bool paints_out() const { return wants_colour(colour, out_terminal); }
  bool paints_err() const { return wants_colour(colour, terminal); }
};

/// The process's own streams.
console standard_console();

/// Adds the commands that speak to a cluster, and completion. A command that fails has said why in
/// kubectl's words and throws CLI::RuntimeError with the exit code.
void add_commands(CLI::App& app, client_factory factory, console io = standard_console());

}  // namespace troupe::cli
