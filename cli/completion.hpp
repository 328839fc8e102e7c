#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace troupe::cli {

/// A completion script for "bash", "zsh" or "fish", made from the commands and options of `app`.
/// Throws std::invalid_argument for another shell.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace troupe::cli
