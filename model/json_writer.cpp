#include "model/json_writer.hpp"

namespace troupe::model {

void json_writer::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void json_writer::key(std::string_view name) {
  separate();
  append_quoted(out_, name);
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
  append_quoted(out_, value);
  return *this;
}

json_writer& json_writer::text(std::string_view item) {
  separate();
  append_quoted(out_, item);
  return *this;
}

json_writer& json_writer::raw(std::string_view name, std::string_view json_text) {
  key(name);
  out_ += json_text;
  return *this;
}

}  // namespace troupe::model
