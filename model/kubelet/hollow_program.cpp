#include "model/kubelet/hollow_program.hpp"

#include "model/json.hpp"
#include "model/kubelet/hollow_command.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model::kubelet {
namespace {

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (bad != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

// head -c N /dev/zero
std::optional<std::uint64_t> zeros_of(const std::vector<std::string>& w) {
  if (w.size() != 4 || name_of(w[0]) != "head" || w[1] != "-c" || w[3] != "/dev/zero")
    return std::nullopt;
  return number_in(w[2]);
}

bool is_shell(const std::vector<std::string>& w) {
  return !w.empty() && (name_of(w[0]) == "sh" || name_of(w[0]) == "bash");
}

}  // namespace

bool hollow_program::knows(const std::vector<std::string>& w) {
  if (w.empty()) return false;
  const auto name = name_of(w[0]);
  return is_shell(w) || name == "cat" || name == "stty" || zeros_of(w) || end_of_command(w);
}

hollow_program::hollow_program(const std::vector<std::string>& command_line, bool tty) : tty_(tty) {
  if (!is_shell(command_line)) {
    script_.push_back({command_line, false});
  } else if (command_line.size() >= 3 && command_line[1] == "-c") {
    read_script(command_line[2]);
  } else {
    shell_ = true;
    if (tty_) prompt_ = "# ";
  }
}

void hollow_program::read_script(std::string_view script) {
  bool only_on_success = false;
  while (!script.empty()) {
    // The & of >&2 is none that ends a statement.
    auto end = script.find_first_of(";&\n");
    while (end != script.npos && script[end] == '&' && end > 0 && script[end - 1] == '>')
      end = script.find_first_of(";&\n", end + 1);
    end = std::min(end, script.size());
    auto line = words(script.substr(0, end));
    if (!line.empty()) script_.push_back({std::move(line), only_on_success});
    only_on_success = script.substr(end).starts_with("&&");
    script.remove_prefix(std::min(script.size(), end + (only_on_success ? 2 : 1)));
  }
}

void hollow_program::resize(std::string_view document) {
  const auto parsed = parse_json(document);
  if (!parsed || !parsed.value.is_object()) return;
  const auto read = [&](const char* key, int& to) {
    const json& n = at(parsed.value, {key});
    if (n.is_number_unsigned()) to = static_cast<int>(n.get<std::uint64_t>() & 0xffff);
  };
  read("Width", columns_);
  read("Height", rows_);
}

// As a terminal shows it.
void hollow_program::say(std::string_view text, std::string& to) const {
  if (!tty_) return static_cast<void>(to += text);
  for (const char c : text) {
    if (c == '\n') to += '\r';
    to += c;
  }
}

void hollow_program::run(std::string& out, std::string& err, std::size_t limit) {
  while (!code_ && out.size() + err.size() < limit && step(out, err, limit)) {
  }
}

// One step; false: it has to wait.
bool hollow_program::step(std::string& out, std::string& err, std::size_t limit) {
  if (asleep_) return false;
  if (zeros_ > 0) {
    const auto room = limit - std::min(limit, out.size() + err.size());
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(zeros_, room));
    out.append(n, '\0');
    zeros_ -= n;
    return true;
  }
  if (copying_) {
    const auto n = std::min(input_.size(), limit - std::min(limit, out.size()));
    say(std::string_view(input_).substr(0, n), out);
    input_.erase(0, n);
    if (n > 0) return true;
    if (!input_.empty() || !input_ended_) return false;
    copying_ = false;
    return true;
  }
  if (!script_.empty()) {
    auto next = std::move(script_.front());
    script_.pop_front();
    if (next.only_on_success && last_ != 0) return true;
    return begin(std::move(next), out, err);
  }
  if (shell_ && read_line(out)) return true;
  if (shell_ && !input_ended_) return false;
  code_ = last_;
  return false;
}

bool hollow_program::read_line(std::string& out) {
  out += std::exchange(prompt_, {});
  const auto end = input_.find_first_of("\n\r");
  if (end == input_.npos && !input_ended_) return false;
  if (input_.empty()) return false;
  const auto line = input_.substr(0, end);
  input_.erase(0, end == input_.npos ? end : end + 1);
  if (tty_) {
    say(line + "\n", out);
    prompt_ = "# ";
  }
  // ^D ends the input of a terminal.
  if (line == "\x04")
    input_ended_ = true;
  else
    read_script(line);
  return true;
}

bool hollow_program::begin(statement s, std::string& out, std::string& err) {
  auto& w = s.words;
  const auto name = w.empty() ? std::string_view() : name_of(w[0]);
  last_ = 0;
  if (name == "exit") {
    const auto n = w.size() > 1 ? number_in(w[1]) : std::nullopt;
    code_ = static_cast<int>(n.value_or(0) & 0xff);
  } else if (name == "echo") {
    const bool to_err = w.back() == ">&2";
    if (to_err) w.pop_back();
    std::string text;
    for (std::size_t i = 1; i < w.size(); ++i) text.append(i > 1 ? " " : "").append(w[i]);
    say(text + "\n", to_err && !tty_ ? err : out);
  } else if (name == "cat" && w.size() == 1) {
    copying_ = true;
  } else if (const auto zeros = zeros_of(w)) {
    zeros_ = *zeros;
  } else if (name == "stty" && w.size() == 2 && w[1] == "size") {
    last_ = tty_ ? 0 : 1;
    if (tty_)
      say(std::to_string(rows_) + " " + std::to_string(columns_) + "\n", out);
    else
      err += "stty: standard input: Not a tty\n";
  } else if (const auto end = end_of_command(w)) {
    last_ = end->exit_code;
    if (end->after.count() > 0) asleep_ = end->after;
  } else {
    last_ = 127;
    say("this container is simulated and has no program \"" + std::string(name) + "\"\n",
        tty_ ? out : err);
  }
  return true;
}

}  // namespace troupe::model::kubelet
