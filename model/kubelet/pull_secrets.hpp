#pragma once

#include "model/json.hpp"
#include "model/kubelet/runtime_types.hpp"

#include <string>
#include <vector>

namespace troupe::model::kubelet {

/// What the Secrets of a pod's spec.imagePullSecrets say of an image's registry: those that name
/// more of its path first. Secrets of other types, and what cannot be read in them, say nothing.
/// (kubernetes.io/docs/concepts/containers/images/#config-json)
std::vector<registry_login> logins_for(const std::string& image, const std::vector<json>& secrets);

}  // namespace troupe::model::kubelet
