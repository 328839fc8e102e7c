#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace troupe::model {

/// Whether a character of a string is not written in JSON as it is, or needs a look of its own:
/// controls, quotes, backslashes, and what is not ASCII.
constexpr bool is_special(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
}

/// is_special() of any of eight characters. False alarms cost time only.
constexpr bool has_special(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  // The high bit of each byte that is less than `limit`; it may also mark bytes after a real one.
  constexpr auto below = [](std::uint64_t w, std::uint8_t limit) {
    return (w - ones * limit) & ~w & highs;
  };
  return ((word & highs) | below(word, 0x20) | below(word ^ (ones * '"'), 1) |
          below(word ^ (ones * '\\'), 1)) != 0;
}

/// How many characters there are before the first special one.
inline std::size_t plain_length(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t word = 0; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if (has_special(word)) break;
  }
  while (i < text.size() && !is_special(text[i])) ++i;
  return i;
}

}  // namespace troupe::model
