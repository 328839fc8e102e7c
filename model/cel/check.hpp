#pragma once

#include "model/cel/declarations.hpp"
#include "model/cel/program.hpp"
#include "model/cel/types.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::model::cel {

// The check of an expression before anybody evaluates it: whether all that it names is there, and
// whether there is a function for the types that each one is called with.

/// The variables that an expression may use, and their types; names may have dots.
using variable_types = std::map<std::string, type_ptr, std::less<>>;

/// An expression without faults, and what is known of its parts.
struct typed_tree {
  std::unique_ptr<const expression> root;
  std::unordered_map<const expression*, type_ptr> types;
  /// The functions that a call or an operator may come to.
  std::unordered_map<const expression*, std::vector<const overload*>> calls;

  /// Null for what is no expression of its own: the first words of a name with dots.
  const type* type_of(const expression& e) const {
    const auto found = types.find(&e);
    return found == types.end() ? nullptr : found->second.get();
  }
};

struct checked {
  type_ptr result;     ///< null: there are faults
  std::string faults;  ///< as cel-go shows them, each with its line of the expression
  std::shared_ptr<const typed_tree> tree;  ///< null: there are faults
};

/// Parses and checks.
checked check(std::string_view text, const variable_types& variables);

}  // namespace troupe::model::cel
