#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

namespace troupe::model {

/// Sets the fields that a request left out to what Kubernetes 1.32 assumes: plain ones from the
/// schema's `default=`, conditional ones by code. The document has been through decode_fields().
/// Setting them twice changes nothing.
void apply_defaults(const kind_info& kind, json& document);

/// What the admission plugins that are on by default add to a new pod after its defaults:
/// tolerations of an unready or unreachable node for 300 s, priority 0, the service account
/// "default".
void admit_pod(json& pod);

}  // namespace troupe::model
