#include "model/kubelet/hollow_command.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>

namespace troupe::model::kubelet {
namespace {

/// "2", "0.5", "3m".
std::optional<std::chrono::milliseconds> duration(std::string_view text) {
  double unit = 1;
  if (text.ends_with('s'))
    text.remove_suffix(1);
  else if (text.ends_with('m'))
    unit = 60, text.remove_suffix(1);
  else if (text.ends_with('h'))
    unit = 3600, text.remove_suffix(1);
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr double most = 1e9;
  if (fault != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value < most))
    return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(value * unit * 1000));
}

std::optional<program_end> end_of_one(const std::vector<std::string>& line) {
  if (line.empty()) return program_end{};
  const auto name = name_of(line[0]);
  if (name == "true" || name == "echo" || name == ":") return program_end{};
  if (name == "false") return program_end{{}, 1};
  if (name == "sleep" && line.size() == 2)
    if (const auto time = duration(line[1])) return program_end{*time, 0};
  return std::nullopt;
}

/// Statements between ";", "&&" and lines.
std::optional<program_end> end_of_script(std::string_view script) {
  program_end out;
  while (!script.empty()) {
    const auto end = std::min(script.find_first_of(";&\n"), script.size());
    const bool only_on_success = script.substr(end).starts_with("&&");
    const auto line = words(script.substr(0, end));
    script.remove_prefix(std::min(script.size(), end + (only_on_success ? 2 : 1)));
    if (!line.empty() && line[0] == "exit") {
      int code = out.exit_code;
      if (line.size() > 1) std::from_chars(line[1].data(), line[1].data() + line[1].size(), code);
      out.exit_code = code;
      return out;
    }
    const auto one = end_of_one(line);
    if (!one) return std::nullopt;
    out.after += one->after;
    if (!line.empty()) out.exit_code = one->exit_code;
    if (only_on_success && out.exit_code != 0) return out;
  }
  return out;
}

}  // namespace

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

std::string_view name_of(std::string_view program) {
  return program.substr(program.rfind('/') + 1);
}

std::optional<program_end> end_of_command(const std::vector<std::string>& command_line) {
  if (command_line.empty()) return std::nullopt;
  const auto name = name_of(command_line[0]);
  if ((name == "sh" || name == "bash") && command_line.size() >= 3 && command_line[1] == "-c")
    return end_of_script(command_line[2]);
  return end_of_one(command_line);
}

}  // namespace troupe::model::kubelet
