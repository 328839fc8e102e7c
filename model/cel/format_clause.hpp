#pragma once

#include "model/cel/check.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::model::cel {

// The clauses of a text that is formatted ("%d", "%.3f"), before and while it is evaluated, as
// cel-go's strings library has them.

struct format_clause {
  char verb = 's';
  int precision = 6;
};

/// Reads what stands behind a "%" and moves `at` behind it. Throws failure.
format_clause read_clause(std::string_view form, std::size_t& at);

/// Whether values of such a type may stand for a clause.
bool clause_takes(char verb, type_kind kind);
/// "decimal clause can only be used on integers, was given string"
std::string clause_fault(char verb, std::string_view type);

/// What is wrong with an expression, and where.
struct complaint {
  std::size_t at;
  std::string why;
};

/// Calls of format() of a text that is written in the expression with a list that is, too.
void check_formats(const typed_tree& tree, const expression& e, std::vector<complaint>& out);

}  // namespace troupe::model::cel
