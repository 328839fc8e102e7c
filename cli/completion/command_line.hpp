#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

namespace troupe::cli {

/// A command line that is still being typed.
struct command_line {
  const CLI::App* command;                    ///< the innermost command named so far
  std::string name;                           ///< its words: "token create"
  std::vector<std::string> positionals;       ///< its arguments before the current word
  std::map<std::string, std::string> values;  ///< of flags, by long name: "namespace"
  const CLI::Option* wants = nullptr;         ///< the flag whose value the current word is
  std::string current;
};

command_line read_command_line(const CLI::App& app, const std::vector<std::string>& words);

/// The flag named "--output" or "-o"; nullptr when there is none.
const CLI::Option* find_flag(const CLI::App& command, const std::string& name);
/// Its long name without dashes, or the short one.
std::string name_of(const CLI::Option& flag);

}  // namespace troupe::cli
