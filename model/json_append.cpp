#include "model/json_scan.hpp"
#include "model/json_writer.hpp"

#include <charconv>
#include <cstdint>

namespace troupe::model {
namespace {

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
  if (plain_length(value) != value.size()) {
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

std::string dump(const json& value) {
  std::string out;
  append_text(out, value);
  return out;
}

}  // namespace troupe::model
