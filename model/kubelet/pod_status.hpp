#pragma once

#include "model/kubelet/pod_lifecycle.hpp"

namespace troupe::model::kubelet {

/// What a status needs beside the pod.
struct status_context {
  time_point now;
  time_point first_seen;  ///< by this kubelet: startTime, unless the pod has one
  std::vector<std::string> host_ips;
  std::string runtime_name;  ///< before "://" in container ids
};

/// The PodStatus of a pod as its kubelet sees it. Conditions keep their transition times from
/// `last` (the status reported before, or the API's) as long as they do not change.
json pod_status(const pod_lifecycle& life, const json& last, const status_context& context);

}  // namespace troupe::model::kubelet
