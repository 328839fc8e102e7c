#include "model/json.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view blank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(blank);
  return from == text.npos ? std::string_view{} : text.substr(from);
}

/// Where the first JSON object of the text ends: after its closing brace, or at the text's end.
std::size_t end_of_object(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

/// A line that parts documents: `---`, then nothing or a comment.
bool parts(std::string_view line) {
  if (!line.starts_with("---")) return false;
  const auto rest = trimmed(line.substr(3));
  return rest.empty() || rest.starts_with('#');
}

void parse_one(std::string_view text, const json_limits& limits, std::vector<parsed_json>& out) {
  parsed_json parsed;
  if (trimmed(text).starts_with('{')) parsed = parse_json(text, limits);
  if (!parsed || parsed.value.is_null()) parsed = parse_yaml(text, limits);
  if (!parsed || !parsed.value.is_null()) out.push_back(std::move(parsed));
}

/// Where the next document starts; `text` is cut down to the one before it.
std::string_view take_document(std::string_view& text) {
  for (std::size_t line = 0; line < text.size();) {
    const auto end = std::min(text.find('\n', line), text.size());
    const auto next = std::min(end + 1, text.size());
    if (parts(text.substr(line, end - line))) {
      const auto document = text.substr(0, line);
      text.remove_prefix(next);
      return document;
    }
    line = next;
  }
  return std::exchange(text, {});
}

}  // namespace

std::vector<parsed_json> parse_documents(std::string_view text, const json_limits& limits) {
  std::vector<parsed_json> out;
  while (!(text = trimmed(text)).empty()) {
    if (text.starts_with('{')) {
      const auto end = end_of_object(text);
      const auto rest = trimmed(text.substr(end));
      if (rest.empty() || rest.starts_with('{') || rest.starts_with("---")) {
        parse_one(text.substr(0, end), limits, out);
        text = rest;
        if (rest.starts_with("---")) static_cast<void>(take_document(text));
        continue;
      }
    }
    parse_one(take_document(text), limits, out);
  }
  return out;
}

}  // namespace troupe::model
