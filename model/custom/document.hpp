#pragma once

#include "model/custom/schema_node.hpp"
#include "model/status.hpp"
#include "model/validation/path.hpp"

#include <string>
#include <vector>

namespace troupe::model {

// What the schema of a custom resource does to a document. Metadata is not its matter: every kind's
// is the same.

/// Takes away what the schema does not know, and adds `unknown field "spec.x"` to `unknown` for
/// each (at most 100).
void prune_unknown(const schema_node& schema, json& document, std::vector<std::string>& unknown);

/// The same for a value of a part of a schema.
void prune_value(const schema_node& schema, json& value, std::vector<std::string>& unknown);

/// Takes nulls away that mean nothing, and sets the defaults.
void set_defaults(const schema_node& schema, json& document);

/// What is wrong with a document, in the words of Kubernetes' OpenAPI validation. With an older
/// version of the object, faults of what has not changed since do not count
/// (CRDValidationRatcheting).
std::vector<cause> schema_faults(const schema_node& schema, const json& document,
                                 const json* old = nullptr);

/// The same for a value of a part of a schema, at a place of its own.
std::vector<cause> schema_faults_at(const schema_node& schema, const json& value,
                                    const field_path& path);

/// What structured-merge-diff refuses in a configuration that is applied; empty: nothing.
std::string apply_faults(const schema_node& schema, const json& configuration);

}  // namespace troupe::model
