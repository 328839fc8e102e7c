#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

namespace troupe::model {

/// Rewrites a document of one served version as another of the same resource, in place. Versions
/// that differ by more than apiVersion: core/v1 and events.k8s.io/v1 Event, which name the same
/// fields differently.
void convert(const kind_info& from, const kind_info& to, json& document);

}  // namespace troupe::model
