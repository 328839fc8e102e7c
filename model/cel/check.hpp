#pragma once

#include "model/cel/program.hpp"
#include "model/cel/types.hpp"

#include <map>
#include <string>
#include <string_view>

namespace troupe::model::cel {

// The check of an expression before anybody evaluates it: whether all that it names is there, and
// whether there is a function for the types that each one is called with.

/// The variables that an expression may use, and their types; names may have dots.
using variable_types = std::map<std::string, type_ptr, std::less<>>;

struct checked {
  type_ptr result;     ///< null: there are faults
  std::string faults;  ///< as cel-go shows them, each with its line of the expression
};

/// Parses and checks.
checked check(std::string_view text, const variable_types& variables);

}  // namespace troupe::model::cel
