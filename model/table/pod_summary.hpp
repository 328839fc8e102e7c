#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

namespace troupe::model {

/// What `kubectl get pods` says of a pod.
struct pod_summary {
  std::string ready;     ///< "1/2"
  std::string status;    ///< "Running", "Init:0/1", "CrashLoopBackOff", "Terminating", ...
  std::string restarts;  ///< "3 (5m ago)"
};

pod_summary summarize_pod(const json& pod, time_point now);

}  // namespace troupe::model
