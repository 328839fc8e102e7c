#include "model/json_text.hpp"

#include "model/json_read.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::model {

std::size_t end_of_string(std::string_view t, std::size_t i) {
  for (++i;; ++i) {
    i = t.find('"', i);
    if (i == t.npos) return t.size();
    // The string's own quote cannot be escaped, so this stops there at the latest.
    std::size_t escapes = i;
    while (t[escapes - 1] == '\\') --escapes;
    if ((i - escapes) % 2 == 0) return i + 1;
  }
}

std::size_t end_of_value(std::string_view t, std::size_t i) {
  int depth = 0;
  while (i < t.size()) {
    const char c = t[i];
    if (c == '"') {
      i = end_of_string(t, i);
      if (depth == 0) return i;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return i;  // the end of what holds a bare number or word
      if (--depth == 0) return i + 1;
    }
    if (c == ',' && depth == 0) return i;
    ++i;
  }
  return i;
}

std::string_view unquoted(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' ? value.substr(1, value.size() - 2) : value;
}

std::string_view member_text(std::string_view object, std::string_view key) {
  std::string_view found;
  each_member(object, 0, [&](const text_member& m) {
    if (m.key == key) found = object.substr(m.value, m.end - m.value);
    return m.key < key;
  });
  return found;
}

namespace {

// Null: it does not.
const char* mention_of(std::string_view text, std::string_view part) {
  // memmem may not be given null, which an empty text's data may be.
  if (text.size() < part.size()) return nullptr;
  return static_cast<const char*>(memmem(text.data(), text.size(), part.data(), part.size()));
}

}  // namespace

bool mentions(std::string_view text, std::string_view part) {
  return mention_of(text, part) != nullptr;
}

std::string_view before_mention(std::string_view text, std::string_view part) {
  const char* const at = mention_of(text, part);
  return at ? text.substr(0, static_cast<std::size_t>(at - text.data())) : text;
}

json member_values(std::string_view object, std::initializer_list<std::string_view> keys) {
  json out = json::object();
  if (!object.starts_with('{')) return out;
  each_member(object, 0, [&](const text_member& m) {
    if (std::find(keys.begin(), keys.end(), m.key) != keys.end())
      out.emplace(m.key, read_json(object.substr(m.value, m.end - m.value)));
    return true;
  });
  return out;
}

}  // namespace troupe::model
