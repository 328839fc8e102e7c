#pragma once

#include <bit>
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

/// Marks the high bit of each of eight characters that is_special(). Behind the first one (in the
/// order of significance) others may be marked, too.
constexpr std::uint64_t special_marks(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  constexpr auto below = [](std::uint64_t w, std::uint8_t limit) {
    return (w - ones * limit) & ~w & highs;
  };
  return (word & highs) | below(word, 0x20) | below(word ^ (ones * '"'), 1) |
         below(word ^ (ones * '\\'), 1);
}

/// Whether a text has nothing special.
inline bool is_plain(std::string_view text) {
  constexpr std::size_t size = sizeof(std::uint64_t);
  if (text.empty()) return true;
  std::uint64_t word = 0x2020202020202020;
  if (text.size() < size) {
    std::memcpy(&word, text.data(), text.size());
    return special_marks(word) == 0;
  }
  for (std::size_t i = 0; i < text.size() - size; i += size) {
    std::memcpy(&word, text.data() + i, size);
    if (special_marks(word)) return false;
  }
  std::memcpy(&word, text.data() + text.size() - size, size);  // may overlap the one before
  return special_marks(word) == 0;
}

/// How many characters there are before the first special one.
inline std::size_t plain_length(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t word = 0; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    const std::uint64_t marks = special_marks(word);
    if (!marks) continue;
    if constexpr (std::endian::native != std::endian::little) break;
    return i + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  }
  while (i < text.size() && !is_special(text[i])) ++i;
  return i;
}

}  // namespace troupe::model
