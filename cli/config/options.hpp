#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

enum class option_kind : std::uint8_t {
  string,
  integer,
  boolean,
  duration,  ///< "10s", "1m30s"
  list,      ///< of strings; as a flag: separated by commas
  map        ///< string to string; as a flag: key=value,key=value
};

/// One thing that can be set, in a role config under `path` and on the command line as `flag`.
struct option {
  std::string_view path;  ///< join.token
  std::string_view flag;  ///< --bind-address; empty: in configs only
  option_kind kind;
  std::string_view fallback;  ///< as a flag would give it; empty: unset
  std::string_view help;
  std::int64_t min = 0;  ///< of integers; of durations, milliseconds
  std::int64_t max = 0;
  std::string_view choices;  ///< of strings: "redis|memory"; empty: any
};

/// All of them, in the order of the help text.
std::span<const option> options();
const option* find_option(std::string_view path);

/// Roles that a process can play.
inline constexpr std::string_view role_names = "store|api|gateway|controllers|scheduler|kubelet";

/// The nearest of `known` to what was typed, or empty when none is near.
std::string nearest(std::string_view typed, const std::vector<std::string>& known);

}  // namespace troupe::cli
