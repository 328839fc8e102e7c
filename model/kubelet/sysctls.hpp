#pragma once

#include "model/json.hpp"

#include <string>
#include <vector>

namespace troupe::model::kubelet {

/// Why a kubelet does not run a pod with such spec.securityContext.sysctls; empty when it does.
/// Safe ones are allowed, others when `allowed` names them or a prefix of theirs ("kernel.msg*"),
/// none whose namespace is the host's (kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster).
std::string forbidden_sysctl(const json& pod, const std::vector<std::string>& allowed);

}  // namespace troupe::model::kubelet
