#pragma once

#include "model/schema.hpp"
#include "model/validation/path.hpp"

namespace troupe::model {

/// metadata of a new or changed object of this kind: its names, labels, annotations, owners and
/// finalizers.
void validate_metadata(const kind_info& kind, const json& metadata, faults& out);

/// The same of an object within another one, whose names only have to be good for an address.
void validate_embedded_metadata(const json& metadata, const field_path& path, faults& out);

/// What an update may not change of metadata.
void validate_metadata_update(const json& old, const json& metadata, faults& out);

/// metadata.annotations of an object or a template.
void validate_annotations(const json& metadata, const field_path& path, faults& out);

/// A map of labels or a node selector.
void validate_labels(const json::object_t& labels, const field_path& path, faults& out);

}  // namespace troupe::model
