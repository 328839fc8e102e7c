#include "model/json_writer.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>

namespace troupe::model {
namespace {

constexpr std::uint64_t ones = 0x0101010101010101;
constexpr std::uint64_t highs = 0x8080808080808080;

// The high bit of each byte of `word` that is less than `limit` (at most 0x80).
constexpr std::uint64_t below(std::uint64_t word, std::uint8_t limit) {
  return (word - ones * limit) & ~word & highs;
}

// Whether one of eight characters is not written as it is: controls, quotes, backslashes, and what
// is not ASCII. False alarms cost time only: `below` may also mark bytes after a real one.
constexpr bool has_special(std::uint64_t word) {
  return ((word & highs) | below(word, 0x20) | below(word ^ (ones * '"'), 1) |
          below(word ^ (ones * '\\'), 1)) != 0;
}

bool is_special(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
}

bool is_plain(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t word = 0; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if (has_special(word)) return false;
  }
  for (; i < text.size(); ++i)
    if (is_special(text[i])) return false;
  return true;
}

template <class Number>
void append_number(std::string& out, Number n) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, n).ptr);
}

void append_object(std::string& out, const json::object_t& members) {
  char before = '{';
  for (const auto& [key, value] : members) {
    out += before;
    before = ',';
    append_quoted(out, key);
    out += ':';
    append_text(out, value);
  }
  out += before == '{' ? "{}" : "}";
}

void append_array(std::string& out, const json::array_t& items) {
  char before = '[';
  for (const json& item : items) {
    out += before;
    before = ',';
    append_text(out, item);
  }
  out += before == '[' ? "[]" : "]";
}

}  // namespace

void append_quoted(std::string& out, std::string_view value) {
  if (!is_plain(value)) {
    out += json(value).dump();
    return;
  }
  out += '"';
  out += value;
  out += '"';
}

void append_text(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return append_object(out, value.get_ref<const json::object_t&>());
    case json::value_t::array:
      return append_array(out, value.get_ref<const json::array_t&>());
    case json::value_t::string:
      return append_quoted(out, value.get_ref<const std::string&>());
    case json::value_t::number_integer:
      return append_number(out, value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      return append_number(out, value.get<std::uint64_t>());
    default:  // words and floating-point numbers
      out += value.dump();
  }
}

}  // namespace troupe::model
