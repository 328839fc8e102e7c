#include "model/validation/lists.hpp"

#include "model/go_text.hpp"

#include <algorithm>

namespace troupe::model {

void validate_immutable(const json& old, const json& now, const field_path& path, faults& out) {
  constexpr std::string_view why = "field is immutable";
  if (old == now) return;
  const bool texts =
      now.is_array() && std::ranges::all_of(now, [](const json& item) { return item.is_string(); });
  if (texts)
    out.invalid(path, go_strings(now), why);
  else
    out.invalid(path, now, why);
}

bool has_text(const json::array_t& items, std::string_view text) {
  return std::ranges::any_of(items, [&](const json& item) { return as_text(item) == text; });
}

bool has_wildcard_and_more(const json::array_t& items) {
  return items.size() > 1 && has_text(items, "*");
}

std::size_t size_of_map(const json::object_t& map) {
  std::size_t total = 0;
  for (const auto& [key, value] : map) total += key.size() + as_text(value).size();
  return total;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\v\f";
  const auto begin = text.find_first_not_of(blank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

}  // namespace troupe::model
