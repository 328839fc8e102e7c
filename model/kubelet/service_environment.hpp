#pragma once

#include "model/kubelet/fields.hpp"

#include <string>
#include <utility>
#include <vector>

namespace troupe::model::kubelet {

/// The list of the pod's namespace's Services, as a lookup's resource and an empty name.
inline constexpr const char* services = "services";

/// The Services that the environment of a pod's containers tells of: that of the API, and those of
/// its namespace unless spec.enableServiceLinks is false.
std::vector<data_reference> service_references(const json& pod);

/// NAME_SERVICE_HOST, NAME_SERVICE_PORT and the older variables of links for each Service with an
/// address (kubernetes.io/docs/concepts/services-networking/service/#environment-variables), for
/// what service_references() names.
std::vector<std::pair<std::string, std::string>> service_environment(const json& pod,
                                                                     const object_lookup& objects);

}  // namespace troupe::model::kubelet
