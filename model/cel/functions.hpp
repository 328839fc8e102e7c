#pragma once

#include "model/cel/program.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model::cel {

// Inside of the evaluator: functions by subject.

using arguments = std::vector<value>;

inline value number_of(std::int64_t n) {
  return value::kinds(n);
}

/// There is no function of this name for such values.
[[noreturn]] void no_overload();

/// An argument that must be a string.
const std::string& text_arg(const value& v);

value matches(arguments& args, meter& m);
/// duration("1h30m").
value to_duration(const value& v);

/// Methods of strings, lists, times, quantities and optionals; nothing when there is none of this
/// name.
std::optional<value> call_method(const std::string& name, arguments& args, meter& m);

/// sets.contains(), sets.equivalent(), sets.intersects().
std::optional<value> call_set(const std::string& name, arguments& args, meter& m);

}  // namespace troupe::model::cel
