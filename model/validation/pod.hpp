#pragma once

#include "model/schema.hpp"
#include "model/validation/path.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::model {

// The parts of a pod, a file a subject (core/validation of Kubernetes 1.32).

using name_set = std::set<std::string_view>;
/// The volumes that are valid, by name.
using volume_index = std::vector<std::pair<std::string_view, const json*>>;

/// metadata and spec of a pod that is to be created.
void validate_pod(const json& pod, faults& out);
/// The spec of a pod of which something changed.
void validate_changed_pod(const json& pod, faults& out);
/// A template of pods, with its labels and annotations.
void validate_pod_template(const json& tmpl, const field_path& path, faults& out);
/// labels and annotations of a template; `spec` is that of its pods.
void validate_template_metadata(const json& metadata, const json& spec, const field_path& path,
                                faults& out);

/// `metadata` is that of the pod; null for a template.
void validate_pod_spec(const json& spec, const json& metadata, const field_path& path, faults& out);

/// Annotations that mean something for pods.
void validate_pod_annotations(const json& metadata, const json& spec, const field_path& path,
                              faults& out);
void validate_pod_annotations_update(const json& old_metadata, const json& metadata,
                                     const json& spec, const field_path& path, faults& out);
/// Fields and older annotations for seccomp and AppArmor say the same.
void validate_profiles_match(const json& metadata, const json& spec, const field_path& path,
                             faults& out);

/// Gives the valid ones, for the mounts.
volume_index validate_volumes(const json& spec, const json& metadata, const field_path& path,
                              faults& out);
/// Null when there is none of this name.
const json* find_volume(const volume_index& volumes, std::string_view name);
void validate_projected(const json& source, const field_path& path, faults& out);
/// items and defaultMode.
void validate_keys(const json& source, const field_path& path, faults& out);
void validate_file_mode(const json& source, const char* name, const field_path& path, faults& out);
/// A file of the downward API.
void validate_downward_file(const json& file, const field_path& path, faults& out);
/// Relative, and without "..".
void validate_descending(std::string_view value, const field_path& path, faults& out);
void validate_no_backsteps(std::string_view value, const field_path& path, faults& out);
/// The same, and not starting with "..".
void validate_local_path(std::string_view value, const field_path& path, faults& out);

/// containers, initContainers and ephemeralContainers.
void validate_containers(const json& spec, const volume_index& volumes, const field_path& path,
                         faults& out);
/// Without blanks around it; only in pods.
void validate_image_blanks(const json& container, const field_path& path, faults& out);
void validate_env(const json& container, const field_path& container_path, faults& out);
void validate_mounts(const json& container, const volume_index& volumes,
                     const field_path& container_path, faults& out);
void validate_field_ref(const json& reference, bool in_volume, const field_path& path, faults& out);
void validate_resource_ref(const json& reference, bool in_volume, const field_path& path,
                           faults& out);

void validate_resources(const json& container, const field_path& container_path, faults& out);
/// requests and limits, or an overhead as limits.
void validate_requirements(const json& requests, const json& limits, const field_path& path,
                           faults& out);
/// A capacity, a limit or a request: not below zero, whole for extended resources.
void validate_amount(std::string_view resource, const json& value, const field_path& path,
                     faults& out);

/// Probes and lifecycle hooks; `grace` is the pod's terminationGracePeriodSeconds.
void validate_probes(const json& container, std::int64_t grace, const field_path& container_path,
                     faults& out);

void validate_container_security(const json& container, const field_path& container_path,
                                 faults& out);
void validate_pod_security(const json& spec, const field_path& spec_path, faults& out);
void validate_windows_options(const json& options, const field_path& path, faults& out);
/// What the os field and Windows' host processes rule out.
void validate_os(const json& spec, const field_path& path, faults& out);

void validate_affinity(const json& affinity, const field_path& path, faults& out);
/// A NodeSelector.
void validate_node_selector(const json& selector, const field_path& path, faults& out);
void validate_tolerations(const json& tolerations, const field_path& path, faults& out);
void validate_topology_spread(const json& spec, const field_path& spec_path, faults& out);

/// What an update may not change of a pod's spec.
void validate_pod_update(const json& old, const json& pod, faults& out);
void validate_pod_status_update(const json& old, const json& pod, faults& out);

/// Calls visit(container, path) for the containers of all lists.
template <class Visit>
void each_container(const json& spec, const field_path& spec_path, Visit&& visit) {
  for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
    const field_path path = spec_path.child(list);
    const auto& containers = items_of(spec, list);
    for (std::size_t i = 0; i < containers.size(); ++i) visit(containers[i], path.index(i));
  }
}

}  // namespace troupe::model
