#pragma once

#include "model/object.hpp"

#include <cstdint>
#include <string>

namespace troupe::model {

// Gangs: pods that are placed all together or not at all, as the scheduler-plugins project's
// coscheduling names them.

/// The label that names a pod's PodGroup.
inline constexpr const char* pod_group_label = "scheduling.x-k8s.io/pod-group";
/// The custom resource.
inline constexpr const char* pod_groups_resource = "podgroups.scheduling.x-k8s.io";

/// "NAMESPACE/NAME" of the PodGroup that a pod belongs to; empty: none.
std::string pod_group_of(const std::string& ns, const string_pairs& labels);

/// spec.minMember of a PodGroup; below 1 counts as 1.
std::size_t min_member_of(const object& pod_group);

}  // namespace troupe::model
