#pragma once

#include "model/custom/schema_node.hpp"
#include "model/status.hpp"
#include "model/validation/path.hpp"

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

/// What is wrong with the expressions of a rule whose form is good. `self`: the type of what it
/// judges. `uncorrelated`: the place of the schema above it within which nobody can tell what is
/// the same as before; null: there is none.
void validate_expressions(const json& rule, const cel::type_ptr& self,
                          const std::string* uncorrelated, const field_path& path, faults& out);

}  // namespace troupe::model
