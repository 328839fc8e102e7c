#pragma once

#include "model/object.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"

#include <functional>
#include <optional>
#include <string>

namespace troupe::model {

/// How admission looks up other objects; null when there is none.
using object_lookup = std::function<object_ptr(const object_key&)>;

/// Kubernetes' compiled-in admission of an object that is to be created: its namespace exists and
/// is not ending (NamespaceLifecycle); pods get a service account, priority and the two default
/// tolerations (ServiceAccount, Priority, DefaultTolerationSeconds), claims and volumes the
/// finalizers that protect them (StorageObjectInUseProtection). Nothing, or the Status that refuses
/// it.
std::optional<status> admit_create(const kind_info& kind, json& object,
                                   const object_lookup& lookup);

/// The same for an update: a pod's list of tolerations never lacks the two
/// (DefaultTolerationSeconds).
void admit_update_changes(const kind_info& kind, json& object);

/// The same for a delete: the namespaces and PriorityClasses that a cluster cannot do without stay.
std::optional<status> admit_delete(const object_key& key);

}  // namespace troupe::model
