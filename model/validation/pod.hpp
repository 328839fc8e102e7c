#pragma once

#include "model/schema.hpp"
#include "model/validation/path.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace troupe::model {

// The parts of a pod, a file a subject (core/validation of Kubernetes 1.32).

using name_set = std::set<std::string_view>;

void validate_pod_spec(const json& spec, const field_path& path, faults& out);

/// Gives the names of the volumes, for the mounts.
name_set validate_volumes(const json& spec, const field_path& path, faults& out);
/// containers, initContainers and ephemeralContainers.
void validate_containers(const json& spec, const field_path& path, const name_set& volumes,
                         faults& out);
/// A name, without blanks around it.
void validate_image(const json& container, const field_path& path, faults& out);
void validate_resources(const json& container, const field_path& container_path, faults& out);
/// A capacity, a limit or a request: not below zero, whole for extended resources.
void validate_amount(std::string_view resource, const json& value, const field_path& path,
                     faults& out);
void validate_probes(const json& container, const field_path& container_path, faults& out);
void validate_affinity(const json& affinity, const field_path& path, faults& out);
void validate_tolerations(const json& spec, const field_path& path, faults& out);

/// What an update may not change of a pod's spec.
void validate_pod_update(const json& old, const json& pod, faults& out);
void validate_pod_status_update(const json& old, const json& pod, faults& out);

/// An integer field that must not be below zero, when it is there.
void validate_nonnegative(const json& object, const char* name, const field_path& path,
                          faults& out);

}  // namespace troupe::model
