#include "cli/completion/command_line.hpp"

namespace troupe::cli {
namespace {

bool takes_value(const CLI::Option& flag) {
  return flag.get_items_expected_max() > 0;
}

const CLI::App* subcommand(const CLI::App& command, const std::string& word) {
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; }))
    if (sub->get_name() == word) return sub;
  return nullptr;
}

/// "--output=json", "-o", "-ojson".
void read_flag(command_line& line, const std::string& word) {
  const auto equals = word.find('=');
  const bool is_long = word.starts_with("--");
  const std::string name = is_long ? word.substr(0, equals) : word.substr(0, 2);
  const CLI::Option* flag = find_flag(*line.command, name);
  if (!flag || !takes_value(*flag)) return;
  if (is_long && equals != std::string::npos) {
    line.values[name_of(*flag)] = word.substr(equals + 1);
  } else if (!is_long && word.size() > 2) {
    line.values[name_of(*flag)] = word.substr(word[2] == '=' ? 3 : 2);
  } else {
    line.wants = flag;
  }
}

}  // namespace

const CLI::Option* find_flag(const CLI::App& command, const std::string& name) {
  for (const CLI::Option* flag : command.get_options())
    if (!flag->get_positional() && flag->check_name(name)) return flag;
  return nullptr;
}

std::string name_of(const CLI::Option& flag) {
  return flag.get_lnames().empty() ? flag.get_snames().front() : flag.get_lnames().front();
}

command_line read_command_line(const CLI::App& app, const std::vector<std::string>& words) {
  command_line line{&app, {}, {}, {}, nullptr, {}};
  if (words.empty()) return line;
  line.current = words.back();
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (line.wants) {
      line.values[name_of(*line.wants)] = word;
      line.wants = nullptr;
    } else if (word.size() > 1 && word[0] == '-') {
      read_flag(line, word);
    } else if (const auto* sub =
                   line.positionals.empty() ? subcommand(*line.command, word) : nullptr) {
      line.command = sub;
      line.name += (line.name.empty() ? "" : " ") + word;
    } else {
      line.positionals.push_back(word);
    }
  }
  return line;
}

}  // namespace troupe::cli
