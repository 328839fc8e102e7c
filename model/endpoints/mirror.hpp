#pragma once

#include "model/endpoints/slices.hpp"

#include <vector>

namespace troupe::model {

inline constexpr const char* mirroring_controller = "endpointslicemirroring-controller.k8s.io";

/// Whether an Endpoints is to be mirrored at all: not when it says so itself, nor a leader's
/// record of the past.
bool wants_mirror(const json& endpoints);

/// The EndpointSlices of an Endpoints that somebody wrote for a Service without a selector, as the
/// endpointslicemirroring controller keeps them: one a family and set of ports. `existing` are the
/// mirroring controller's slices of the service.
struct mirror_changes {
  slice_changes slices;
  std::size_t invalid = 0;  ///< addresses that are none
  std::size_t skipped = 0;  ///< addresses past 1000 of a subset
};
mirror_changes mirror_endpoints(const json& endpoints, const std::vector<json>& existing);

}  // namespace troupe::model
