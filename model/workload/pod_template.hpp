#pragma once

#include "model/json.hpp"
#include "model/object.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::model {

/// The reference of a dependent to the controller that made it (metav1.NewControllerRef): it
/// blocks the controller's foreground deletion.
json controller_reference(std::string_view api_version, std::string_view kind, const object& owner);

/// A pod as a workload's template has it (kube's GetPodFromTemplate): labels, annotations,
/// finalizers and spec of the template, a name to be generated from the owner's, and the reference
/// to the owner. `template_` is a PodTemplateSpec.
json pod_from_template(const json& template_, const object& owner, const json& owner_reference);

/// What tells versions of a template apart (label pod-template-hash, names of ReplicaSets): stable
/// over restarts, of letters that spell no words. Another `collisions` gives another hash.
std::string template_hash(const json& template_, std::int64_t collisions = 0);

}  // namespace troupe::model
