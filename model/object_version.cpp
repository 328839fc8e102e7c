#include "model/object.hpp"

#include <charconv>

namespace troupe::model {
namespace {

// A walk over canonical JSON that finds one value by its path, without building anything.
struct finder {
  std::string_view text;
  std::size_t at = 0;

  // From an opening quote to after the closing one; what is between.
  std::string_view string() {
    const std::size_t from = ++at;
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    const auto out = text.substr(from, at - from);
    ++at;
    return out;
  }

  void skip_value() {
    int depth = 0;
    while (at < text.size()) {
      const char c = text[at];
      if (c == '"') {
        string();
      } else {
        if (depth == 0 && (c == ',' || c == '}')) return;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        ++at;
      }
      if (depth == 0 && at < text.size() && (text[at] == ',' || text[at] == '}')) return;
    }
  }

  // Steps to the value of `key` in the object that starts here.
  bool enter(std::string_view key) {
    if (at >= text.size() || text[at] != '{') return false;
    ++at;
    while (at < text.size() && text[at] == '"') {
      const auto name = string();
      ++at;  // the colon
      if (name == key) return true;
      skip_value();
      if (at < text.size() && text[at] == ',') ++at;
    }
    return false;
  }
};

}  // namespace

object_ptr with_version(const object& o, std::uint64_t version) {
  object_header header = o.header();
  header.version = version;
  finder f{o.bytes()};
  if (!f.enter("metadata") || !f.enter("resourceVersion") || f.text[f.at] != '"')
    return std::make_shared<const object>(std::move(header), o.bytes());
  const std::size_t from = f.at + 1;
  const std::size_t size = f.string().size();
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, version).ptr;
  std::string bytes;
  bytes.reserve(o.bytes().size() + sizeof digits);
  bytes.append(o.bytes(), 0, from).append(digits, end).append(o.bytes(), from + size);
  return std::make_shared<const object>(std::move(header), std::move(bytes));
}

}  // namespace troupe::model
