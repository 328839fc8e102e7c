#include "model/go_duration.hpp"

#include "model/json.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

struct unit {
  std::string_view name;
  double seconds;
};
constexpr unit units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"μs", 1e-6},
                          {"ms", 1e-3}, {"s", 1},     {"m", 60},    {"h", 3600}};

}  // namespace

std::string parse_go_duration(std::string_view text, double& value) {
  const std::string whole = in_quotes(text);
  const double sign = text.starts_with('-') ? -1 : 1;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return {};
  if (text.empty()) return "time: invalid duration " + whole;
  while (!text.empty()) {
    const auto digits = text.find_first_not_of("0123456789.");
    const auto number = text.substr(0, digits);
    if (number.empty() || number == "." || std::ranges::count(number, '.') > 1)
      return "time: invalid duration " + whole;
    if (digits == text.npos) return "time: missing unit in duration " + whole;
    text.remove_prefix(digits);
    const auto end = std::min(text.find_first_of("0123456789."), text.size());
    const auto name = text.substr(0, end);
    const auto known = std::ranges::find(units, name, &unit::name);
    if (known == std::end(units))
      return "time: unknown unit " + in_quotes(name) + " in duration " + whole;
    double amount = 0;
    std::from_chars(number.data(), number.data() + number.size(), amount);
    value += sign * amount * known->seconds;
    text.remove_prefix(end);
  }
  return {};
}

}  // namespace troupe::model
