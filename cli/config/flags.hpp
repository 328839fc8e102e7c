#pragma once

#include "cli/config/settings.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace troupe::cli {

/// Flags given to a command: held until the config file has been read, so that they win.
class flag_values {
 public:
  /// Adds the options at `paths` that have a flag (all that have one when empty) to `command`.
  void add_to(CLI::App& command, const std::vector<std::string_view>& paths = {});
  /// Puts what was given over the settings. Throws config_error.
  void apply(settings& s) const;

 private:
  std::vector<std::pair<const option*, std::string>> given_;
};

}  // namespace troupe::cli
