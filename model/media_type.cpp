#include "model/media_type.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace troupe::model {
namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// The piece before the separator; `s` keeps what follows it.
std::string_view next_piece(std::string_view& s, char separator) {
  const auto at = s.find(separator);
  const auto piece = trim(s.substr(0, at));
  s.remove_prefix(at == std::string_view::npos ? s.size() : at + 1);
  return piece;
}

std::string_view parameter_value(std::string_view s) {
  return s.size() >= 2 && s.front() == '"' && s.back() == '"' ? s.substr(1, s.size() - 2) : s;
}

media_range parse_range(std::string_view clause) {
  media_range r;
  std::string_view type = next_piece(clause, ';');
  r.type = next_piece(type, '/');
  r.subtype = trim(type);
  if (r.type == "*" && r.subtype.empty()) r.subtype = "*";
  while (!clause.empty()) {
    std::string_view value = next_piece(clause, ';');
    const auto name = next_piece(value, '=');
    if (name == "q")
      std::from_chars(value.data(), value.data() + value.size(), r.quality);
    else if (!name.empty())
      r.parameters.emplace_back(name, parameter_value(trim(value)));
  }
  return r;
}

}  // namespace

std::string_view media_range::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return {};
}

bool media_range::matches(std::string_view media_type) const {
  const auto slash = media_type.find('/');
  return (type == "*" || type == media_type.substr(0, slash)) &&
         (subtype == "*" || subtype == media_type.substr(slash + 1));
}

std::vector<media_range> parse_accept(std::string_view accept) {
  std::vector<media_range> out;
  while (!accept.empty()) {
    auto range = parse_range(next_piece(accept, ','));
    if (!range.type.empty() && !range.subtype.empty()) out.push_back(std::move(range));
  }
  const auto wildness = [](const media_range& r) { return (r.type == "*") + (r.subtype == "*"); };
  std::ranges::stable_sort(out, [&](const auto& a, const auto& b) {
    return a.quality != b.quality ? a.quality > b.quality : wildness(a) < wildness(b);
  });
  return out;
}

std::string media_type_of(std::string_view content_type) {
  std::string type(trim(content_type.substr(0, content_type.find(';'))));
  for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return type;
}

}  // namespace troupe::model
