#include "model/json_writer.hpp"

namespace troupe::model {

void json_writer::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void json_writer::quoted(std::string_view value) {
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view hex = "0123456789abcdef";
      out_ += "\\u00";
      out_ += hex[static_cast<unsigned char>(c) >> 4];
      out_ += hex[c & 15];
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

void json_writer::key(std::string_view name) {
  separate();
  quoted(name);
  out_ += ':';
}

json_writer& json_writer::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

json_writer& json_writer::open(std::string_view name, char bracket) {
  key(name);
  out_ += bracket;
  first_ = true;
  return *this;
}

json_writer& json_writer::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

json_writer& json_writer::text(std::string_view name, std::string_view value) {
  key(name);
  quoted(value);
  return *this;
}

json_writer& json_writer::text(std::string_view item) {
  separate();
  quoted(item);
  return *this;
}

json_writer& json_writer::raw(std::string_view name, std::string_view json_text) {
  key(name);
  out_ += json_text;
  return *this;
}

}  // namespace troupe::model
