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

/// What a status says, in brief: equal digests mean equal statuses.
struct status_digest {
  std::size_t urgent = 0;  ///< of the phase, readiness and the containers' states
  std::size_t rest = 0;    ///< of conditions and addresses: a change of these alone can wait
  bool operator==(const status_digest&) const = default;
};
status_digest digest_of(const pod_lifecycle& life);

/// Whether the pod has only begun to start: nothing of it has run, and nothing stands in its way.
/// There is little to tell of such a pod, and soon there will be more.
bool begins(const pod_lifecycle& life);

/// Whether a deleted pod is about to be gone: its containers have ended.
bool ends(const pod_lifecycle& life);

/// The PodStatus of a pod as its kubelet sees it. Conditions keep their transition times from
/// `last` (the status reported before, or the API's) as long as they do not change.
json pod_status(const pod_lifecycle& life, const json& last, const status_context& context);

/// The addresses in a status.
std::vector<std::string> pod_ips(const json& status);

/// The strategic merge patch that makes `now` of `last`: what changed and nothing else. Conditions
/// and fields of others stay. Empty when nothing changed.
json status_patch(const json& last, const json& now);

}  // namespace troupe::model::kubelet
