#include "model/json_scan.hpp"
#include "model/json_writer.hpp"
#include "model/text_block.hpp"

#include <cstdint>

namespace troupe::model {
namespace {

void put_object(text_block& out, const json::object_t& members) {
  char before = '{';
  for (const auto& [key, value] : members) {
    out.put(before);
    before = ',';
    out.put_quoted(key);
    out.put(':');
    out.put_value(value);
  }
  if (before == '{') out.put('{');
  out.put('}');
}

void put_array(text_block& out, const json::array_t& items) {
  char before = '[';
  for (const json& item : items) {
    out.put(before);
    before = ',';
    out.put_value(item);
  }
  if (before == '[') out.put('[');
  out.put(']');
}

}  // namespace

void text_block::put_quoted(std::string_view value) {
  if (!is_plain(value)) return put(json(value).dump());
  put('"');
  put(value);
  put('"');
}

void text_block::put_value(const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return put_object(*this, value.get_ref<const json::object_t&>());
    case json::value_t::array:
      return put_array(*this, value.get_ref<const json::array_t&>());
    case json::value_t::string:
      return put_quoted(value.get_ref<const std::string&>());
    case json::value_t::number_integer:
      return put_number(value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      return put_number(value.get<std::uint64_t>());
    default:  // words and floating-point numbers
      put(value.dump());
  }
}

void append_quoted(std::string& out, std::string_view value) {
  text_block(out).put_quoted(value);
}

void append_text(std::string& out, const json& value) {
  text_block(out).put_value(value);
}

std::string dump(const json& value) {
  std::string out;
  append_text(out, value);
  return out;
}

}  // namespace troupe::model
