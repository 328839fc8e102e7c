#include "model/cel/program.hpp"
#include "model/utf8.hpp"

namespace troupe::model::cel {
namespace {

constexpr std::size_t longest_shown = 16384;  // of a line

/// Bytes of the character that begins at `at`.
std::size_t character_size(std::string_view line, std::size_t at) {
  std::size_t n = 1;
  while (at + n < line.size() && (static_cast<unsigned char>(line[at + n]) & 0xC0) == 0x80) ++n;
  return n;
}

}  // namespace

std::string shown_error(std::string_view text, std::size_t at, const std::string& why) {
  at = std::min(at, text.size());
  const auto before = text.substr(0, at);
  const auto begin = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
  const auto line = text.substr(begin, text.find('\n', begin) - begin);
  std::size_t number = 1, column = 1;
  for (const char c : before) number += c == '\n' ? 1 : 0;
  // What is wider than a letter has a wide dot below it.
  std::string marks;
  std::size_t i = 0;
  for (; i < at - begin; ++column) {
    const auto n = character_size(line, i);
    marks += n > 1 ? "\uff0e" : ".";
    i += n;
  }
  marks += i < line.size() && character_size(line, i) > 1 ? "\uff3e" : "^";
  std::string out =
      "ERROR: <input>:" + std::to_string(number) + ":" + std::to_string(column) + ": " + why;
  if (line.size() > longest_shown) return out;
  out += "\n | ";
  for (const char c : line) out += c == '\t' ? ' ' : c;
  return out + "\n | " + marks;
}

}  // namespace troupe::model::cel
