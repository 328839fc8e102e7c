#include "cli/flag_errors.hpp"

#include "cli/commands/commands.hpp"
#include "cli/config/options.hpp"
#include "cli/output/colour.hpp"

namespace troupe::cli {
namespace {

// The innermost command that was typed, and its words.
const CLI::App& typed_command(const CLI::App& app, std::string& words) {
  words += (words.empty() ? "" : " ") + app.get_name();
  const auto below = app.get_subcommands();
  return below.empty() ? app : typed_command(*below.front(), words);
}

std::string hint(const std::string& nearest) {
  return nearest.empty() ? "" : " (did you mean " + nearest + "?)";
}

std::string unknown_flag(const CLI::App& command, const std::string& argument) {
  const auto name = argument.substr(0, argument.find('='));
  if (!name.starts_with("--"))
    return "unknown shorthand flag: '" + name.substr(1, 1) + "' in " + name;
  std::vector<std::string> known;
  for (const auto* option : command.get_options())
    for (const auto& flag : option->get_lnames()) known.push_back("--" + flag);
  return "unknown flag: " + name + hint(nearest(name, known));
}

std::string unknown_command(const CLI::App& app, const std::string& words,
                            const std::string& argument) {
  std::vector<std::string> known;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  if (known.empty()) return "unexpected argument: " + argument;
  const auto best = nearest(argument, known);
  return "unknown command \"" + argument + "\" for \"" + words + "\"" +
         (best.empty() ? "" : "\n\nDid you mean this?\n\t" + best);
}

}  // namespace

std::string flag_failure(const CLI::App* app, const CLI::Error& error) {
  std::string words;
  const auto& command = typed_command(*app, words);
  std::string what = error.what();
  const auto left_over = app->remaining(true);
  // What was not understood says more than what is missing.
  const auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  if ((code == CLI::ExitCodes::ExtrasError || code == CLI::ExitCodes::RequiredError) &&
      !left_over.empty())
    what = left_over[0].starts_with("-") && left_over[0].size() > 1
               ? unknown_flag(command, left_over[0])
               : unknown_command(command, words, left_over[0]);
  const std::string text = "error: " + what;
  return (standard_console().paints_err() ? painted_failure(text) : text) + "\nSee '" + words +
         " --help' for usage.\n";
}

}  // namespace troupe::cli
