#include "cli/output/sorting.hpp"

#include <cctype>

namespace troupe::cli {
namespace {

bool digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// The digits at the front, without leading zeros; moves past them.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && digit(text[end])) ++end;
  auto out = text.substr(0, end);
  text.remove_prefix(end);
  out.remove_prefix(std::min(out.find_first_not_of('0'), out.size()));
  return out;
}

bool text_before(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (digit(a[0]) && digit(b[0])) {
      const auto x = take_number(a), y = take_number(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      continue;
    }
    if (a[0] != b[0]) return a[0] < b[0];
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() && !b.empty();
}

}  // namespace

bool sorts_before(const model::json& a, const model::json& b) {
  if (a.is_string() && b.is_string())
    return text_before(a.get_ref<const std::string&>(), b.get_ref<const std::string&>());
  return a < b;
}

}  // namespace troupe::cli
