#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"

#include <vector>

namespace troupe::model {

/// Checks a complete, decoded and defaulted object that is to be created. Empty: it is valid. The
/// faults come with Kubernetes 1.32's field paths and words, for a 422 (status invalid()).
std::vector<cause> validate_create(const kind_info& kind, const json& object);

/// Checks what an update of anything but status would change.
std::vector<cause> validate_update(const kind_info& kind, const json& old, const json& object);

/// Checks an update of the status subresource.
std::vector<cause> validate_status_update(const kind_info& kind, const json& old,
                                          const json& object);

/// Checks an update of certificatesigningrequests/approval.
std::vector<cause> validate_approval_update(const kind_info& kind, const json& old,
                                            const json& csr);

/// Checks an update of pods/ephemeralcontainers: they may be added, not changed or removed.
std::vector<cause> validate_ephemeral_containers_update(const json& old, const json& pod);

/// Checks the body of pods/binding and bindings.
std::vector<cause> validate_binding(const json& binding);

/// Keeps of a write to pods/resize what may change there: resources of containers.
void prepare_for_resize(const json& old, json& pod);
std::vector<cause> validate_resize(const json& old, const json& pod);

}  // namespace troupe::model
