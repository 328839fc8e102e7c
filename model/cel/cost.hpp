#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace troupe::model::cel {

// What steps of an evaluation cost, in cel-go's units.

constexpr std::uint64_t list_cost = 10;  ///< of making one
constexpr std::uint64_t map_cost = 30;
/// Of a character or a byte that is looked at, and of one in a regular expression.
constexpr double text_factor = 0.1;
constexpr double regex_factor = 0.25;

/// At least and at most. Sums and products without end are the largest number.
struct cost_range {
  static constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t min = 0, max = 0;

  static cost_range exactly(std::uint64_t n) { return {n, n}; }
  static cost_range unknown() { return {0, no_end}; }
  bool operator==(const cost_range&) const = default;
};
cost_range operator+(cost_range a, cost_range b);
cost_range operator*(cost_range a, cost_range b);
/// Rounded up.
cost_range operator*(cost_range a, double factor);
/// What holds both.
cost_range either(cost_range a, cost_range b);

std::uint64_t sum_of(std::uint64_t a, std::uint64_t b);
std::uint64_t product_of(std::uint64_t a, std::uint64_t b);
std::uint64_t scaled(std::uint64_t n, double factor);

/// What a macro costs besides its range and the expressions that it is given.
struct macro_cost {
  std::uint64_t start = 0;   ///< what it begins with, and what it gives in the end
  std::uint64_t each = 0;    ///< once for each of the range
  std::uint64_t kept = 0;    ///< for each that goes into the result
  std::uint64_t passed = 0;  ///< for each that a condition keeps out of it
};
macro_cost cost_of_macro(std::string_view macro);

}  // namespace troupe::model::cel
