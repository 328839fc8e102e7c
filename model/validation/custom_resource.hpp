#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

/// What the version before an update already had, and may keep.
struct schema_history {
  bool stored = false;      ///< this schema: its rules may be as expensive as they are
  bool loose_sets = false;  ///< sets of what is merged itself, in any version
  bool loose_keys = false;  ///< keys of lists that may be missing or null, in any version
  bool has_status = false;  ///< not of before: whether status is a subresource
};

/// An OpenAPI v3 schema of a CRD's version: what Kubernetes calls structural, so that fields can be
/// pruned and defaulted, and whose rules in CEL can be read.
void validate_structural_schema(const json& schema, const schema_history& before,
                                const field_path& path, faults& out);

/// What a schema says in allOf, anyOf, oneOf and not: values alone, and no types
/// (apiextensions' structural schemas).
void validate_logic(const json& schema, const field_path& path, faults& out);
/// What the logic at the root speaks of stands outside of it, too.
void validate_logic_is_complete(const json& root, const field_path& path, faults& out);

/// How lists and maps are merged: x-kubernetes-list-type, -list-map-keys and -map-type.
void validate_merging(const json& schema, const schema_history& before, const field_path& path,
                      faults& out);
/// Whether a schema has sets, or keys of lists, that only what is stored may have.
schema_history looseness(const json& schema);

/// The fields that objects of a version can be selected by.
void validate_selectable_fields(const json::array_t& fields, const json& schema,
                                const field_path& path, faults& out);

/// "; " between faults becomes "," where Kubernetes joins them into one.
std::string comma_joined(std::string text);

}  // namespace troupe::model
