#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

namespace troupe::model {

/// Sets the fields that a request left out to what Kubernetes 1.32 assumes: plain ones from the
/// schema's `default=`, conditional ones by code. The document has been through decode_fields().
/// Setting them twice changes nothing.
void apply_defaults(const kind_info& kind, json& document);

}  // namespace troupe::model
