#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

/// An OpenAPI v3 schema of a CRD's version: what Kubernetes calls structural, so that fields can be
/// pruned and defaulted, and whose rules in CEL can be read. `stored`: the version has had this
/// schema before, so that its rules may be as expensive as they are.
void validate_structural_schema(const json& schema, bool stored, const field_path& path,
                                faults& out);

/// "; " between faults becomes "," where Kubernetes joins them into one.
std::string comma_joined(std::string text);

}  // namespace troupe::model
