#include "model/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace troupe::model {
namespace {

// The length that a first byte announces, and the smallest character of that length; 0: no first
// byte.
struct lead {
  int length;
  std::uint32_t smallest;
  std::uint32_t bits;
};

lead lead_of(unsigned char c) {
  if (c < 0x80) return {1, 0, c};
  if (c >= 0xc0 && c < 0xe0) return {2, 0x80, c & 0x1fu};
  if (c >= 0xe0 && c < 0xf0) return {3, 0x800, c & 0x0fu};
  if (c >= 0xf0 && c < 0xf8) return {4, 0x10000, c & 0x07u};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto [length, smallest, character] = lead_of(static_cast<unsigned char>(text.front()));
    if (length == 0 || text.size() < static_cast<std::size_t>(length)) return false;
    for (int i = 1; i < length; ++i) {
      const auto c = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
      if ((c & 0xc0) != 0x80) return false;
      character = character << 6 | (c & 0x3fu);
    }
    const bool surrogate = character >= 0xd800 && character < 0xe000;
    if (character < smallest || surrogate || character > 0x10ffff) return false;
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace troupe::model
