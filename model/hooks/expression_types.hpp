#pragma once

#include "model/cel/check.hpp"

#include <map>
#include <string>

namespace troupe::model {

// The types of what expressions of admission may use.

struct expression_scope {
  bool authorizer = true;
  bool params = false;
  cel::type_ptr object, params_type;  ///< null: known when they are evaluated
  /// Those of a policy, by their names; null: it is no policy.
  const std::map<std::string, cel::type_ptr, std::less<>>* variables = nullptr;
};

/// object, oldObject, request, namespaceObject, and what the scope has besides.
cel::variable_types admission_variables(const expression_scope& scope);

/// What becomes of an expression's type when it is a variable of a policy: structures are known
/// only when they are evaluated.
cel::type_ptr variable_type(const cel::type_ptr& of_expression);

}  // namespace troupe::model
