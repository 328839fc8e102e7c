#include "cli/output/colour.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace troupe::cli {
namespace {

constexpr std::array<std::string_view, 9> well{"Running",   "Ready",     "Active",
                                               "Bound",     "Available", "Normal",
                                               "Completed", "Complete",  "Succeeded"};
constexpr std::array<std::string_view, 10> on_its_way{
    "Pending",         "ContainerCreating",
    "PodInitializing", "Terminating",
    "SchedulingGated", "Released",
    "Suspended",       "Warning",
    "Unschedulable",   "Ready,SchedulingDisabled"};
constexpr std::array<std::string_view, 8> wrong{"NotReady", "Failed", "Evicted", "Unknown",
                                                "Lost",     "Denied", "Error",   "OOMKilled"};
// Reasons of containers are many, and end alike.
constexpr std::array<std::string_view, 5> wrong_ends{"BackOff", "Error", "Err", "CannotRun",
                                                     "NeverPull"};
constexpr std::array<std::string_view, 4> wrong_beginnings{"Err", "Invalid",
                                                           "ExitCode:", "Signal:"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr const char* code_of(colour c) {
  switch (c) {
    case colour::green:
      return "\x1b[32m";
    case colour::yellow:
      return "\x1b[33m";
    case colour::red:
      return "\x1b[31m";
    case colour::none:
      break;
  }
  return "";
}

}  // namespace

std::string painted(const std::string& text, colour c) {
  return c == colour::none ? text : code_of(c) + text + "\x1b[0m";
}

colour status_colour(std::string_view status) {
  // An init container's state stands for the pod's: "Init:0/2" goes on, "Init:Error" does not.
  if (status.starts_with("Init:")) {
    const colour inner = status_colour(status.substr(5));
    return inner == colour::red ? inner : colour::yellow;
  }
  if (among(well, status)) return colour::green;
  if (among(on_its_way, status)) return colour::yellow;
  const bool bad = among(wrong, status) || status.starts_with("NotReady") ||
                   std::any_of(wrong_ends.begin(), wrong_ends.end(),
                               [&](std::string_view w) { return status.ends_with(w); }) ||
                   std::any_of(wrong_beginnings.begin(), wrong_beginnings.end(),
                               [&](std::string_view w) { return status.starts_with(w); });
  return bad ? colour::red : colour::none;
}

std::string painted_failure(const std::string& failure) {
  const auto colon = failure.find(':');
  if (colon == std::string::npos || !(failure.starts_with("error") || failure.starts_with("Error")))
    return failure;
  return painted(failure.substr(0, colon + 1), colour::red) + failure.substr(colon + 1);
}

std::string harmless(const std::string& text) {
  if (text.find_first_of("\x1b\r") == std::string::npos) return text;
  std::string out;
  for (const char c : text) {
    if (c == '\x1b') {
      out += "^[";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += c;
    }
  }
  return out;
}

bool wants_colour(std::string_view choice, bool terminal) {
  return choice == "always" || (choice == "auto" && terminal);
}

const char* default_colour() {
  const char* off = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool none = (off && *off) || (term && std::string_view(term) == "dumb");
  return none ? "never" : "auto";
}

}  // namespace troupe::cli
