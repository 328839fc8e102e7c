#include "model/cel/cost.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::model::cel {
namespace {

// How cel-go writes macros out: a result that starts as a literal, a condition for going on and a
// step, and the result. A name and a call cost one each.
constexpr std::uint64_t name_cost = 1, call_cost = 1;
constexpr std::uint64_t appended = call_cost + name_cost + list_cost;  // result + [...]

struct known_macro {
  std::string_view name;
  macro_cost cost;
};
constexpr known_macro known_macros[] = {
    // Goes on while the result is not false; result && ...
    {"all", {name_cost, call_cost + name_cost + name_cost, 0, 0}},
    // Goes on while it is not true; result || ...
    {"exists", {name_cost, call_cost + call_cost + name_cost + name_cost, 0, 0}},
    // ... ? result + 1 : result, and result == 1 in the end
    {"exists_one", {name_cost + call_cost, 0, call_cost + name_cost, name_cost}},
    {"existsOne", {name_cost + call_cost, 0, call_cost + name_cost, name_cost}},
    {"filter", {list_cost + name_cost, 0, appended + name_cost, name_cost}},
    {"map", {list_cost + name_cost, 0, appended, name_cost}},
    {"transformList", {list_cost + name_cost, 0, appended, name_cost}},
    // An insertion of a key and a value, or of a map of them
    {"transformMap", {map_cost + name_cost, 0, call_cost + name_cost + name_cost, name_cost}},
    {"transformMapEntry", {map_cost + name_cost, 0, call_cost + name_cost, name_cost}}};

}  // namespace

std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) {
  return a > cost_range::no_end - b ? cost_range::no_end : a + b;
}

std::uint64_t product_of(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > cost_range::no_end / b ? cost_range::no_end : a * b;
}

std::uint64_t scaled(std::uint64_t n, double factor) {
  const double out = std::ceil(static_cast<double>(n) * factor);
  return out >= static_cast<double>(cost_range::no_end) ? cost_range::no_end
                                                        : static_cast<std::uint64_t>(out);
}

cost_range operator+(cost_range a, cost_range b) {
  return {sum_of(a.min, b.min), sum_of(a.max, b.max)};
}

cost_range operator*(cost_range a, cost_range b) {
  return {product_of(a.min, b.min), product_of(a.max, b.max)};
}

cost_range operator*(cost_range a, double factor) {
  return {scaled(a.min, factor), scaled(a.max, factor)};
}

cost_range either(cost_range a, cost_range b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}

macro_cost cost_of_macro(std::string_view macro) {
  const auto* found = std::ranges::find(known_macros, macro, &known_macro::name);
  return found == std::end(known_macros) ? macro_cost{} : found->cost;
}

}  // namespace troupe::model::cel
