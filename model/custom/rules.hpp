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

/// What is wrong with a rule of a definition.
void validate_rule(const json& rule, const field_path& path, faults& out);

}  // namespace troupe::model
