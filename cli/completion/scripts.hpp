#pragma once

#include <string>

namespace troupe::cli {

/// The completion script of "bash", "zsh" or "fish": it asks `troupe __complete` for what may
/// follow. Throws std::invalid_argument for another shell.
std::string completion_script(const std::string& shell);

}  // namespace troupe::cli
