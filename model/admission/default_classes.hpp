#pragma once

#include "model/admission/cluster_view.hpp"
#include "model/status.hpp"

#include <optional>

namespace troupe::model {

// Admission plug-ins that choose a class where an object names none: of several defaults the
// newest, then the first by name.

/// DefaultStorageClass: of a PersistentVolumeClaim.
void choose_storage_class(json& claim, const cluster_view& cluster);
/// DefaultIngressClass: of an Ingress.
void choose_ingress_class(json& ingress, const cluster_view& cluster);

/// RuntimeClass: a pod takes the overhead, node selector and tolerations of its class.
std::optional<status> apply_runtime_class(const object_key& key, json& pod,
                                          const cluster_view& cluster);

}  // namespace troupe::model
