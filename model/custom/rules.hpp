#pragma once

#include "model/custom/rule_costs.hpp"
#include "model/custom/schema_node.hpp"
#include "model/status.hpp"
#include "model/validation/path.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// What the rules in CEL of a schema (x-kubernetes-validations) say against an object whose form is
/// good. `old` is the version before an update: rules about changes (oldSelf) are for updates
/// alone, and the others say nothing of what has not changed.
std::vector<cause> rule_faults(const schema_node& schema, const json& document, const json* old);

/// Makes programs of a rule's texts.
void compile_rule(schema_rule& rule);

/// What is wrong with the form of a rule of `schema`.
void validate_rule(const json& rule, const json& schema, const field_path& path, faults& out);

/// Where the schema of a rule stands.
struct rule_place {
  cel::type_ptr self;  ///< the type of what it judges
  /// The place above it within which nobody can tell what is the same as before; null: none.
  const std::string* uncorrelated = nullptr;
  /// How many values of the schema there are at most; nothing: nobody says.
  std::optional<std::uint64_t> cardinality = 1;
};

/// What is wrong with the expressions of a rule whose form is good, and what they may cost.
void validate_expressions(const json& rule, const rule_place& place, const field_path& path,
                          rule_costs& costs, faults& out);

}  // namespace troupe::model
