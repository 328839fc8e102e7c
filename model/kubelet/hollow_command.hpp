#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model::kubelet {

/// The words of a command line without quotes.
std::vector<std::string> words(std::string_view text);
/// A program's name without its folder.
std::string_view name_of(std::string_view program);

/// How a program ends by itself.
struct program_end {
  std::chrono::milliseconds after{0};
  int exit_code = 0;
};

/// What a container that only pretends to run makes of its command line: it knows true, false,
/// echo, sleep and exit, also several of them in a shell (`sh -c "sleep 2; exit 1"`). Nothing for
/// all else, which runs until it is stopped.
std::optional<program_end> end_of_command(const std::vector<std::string>& command_line);

}  // namespace troupe::model::kubelet
