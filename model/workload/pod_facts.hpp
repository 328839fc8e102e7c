#pragma once

#include "model/object.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::model {

/// What workload controllers read of a pod, found in its text without parsing the whole: cheap
/// enough for every event of ten thousand pods.
struct pod_facts {
  pod_facts() = default;
  explicit pod_facts(const object& pod);

  std::string uid;
  std::string phase;  ///< Pending, Running, Succeeded, Failed, Unknown; "" before any
  std::string node;   ///< spec.nodeName
  bool deleting = false;
  bool ready = false;                     ///< condition Ready is True
  std::optional<time_point> ready_since;  ///< its lastTransitionTime, when it is True
  std::optional<time_point> created;
  std::int64_t deletion_cost = 0;     ///< controller.kubernetes.io/pod-deletion-cost
  std::int64_t restarts = 0;          ///< of the container with the most
  std::int64_t sidecar_restarts = 0;  ///< of the init container with the most

  /// Neither ended nor being deleted (kube's IsPodActive).
  bool active() const { return !ended() && !deleting; }
  bool ended() const { return phase == "Succeeded" || phase == "Failed"; }
  /// Being deleted and not ended yet (kube's IsPodTerminating).
  bool terminating() const { return !ended() && deleting; }
  /// From when on it has been ready for `min_ready`; nothing while it is not ready.
  std::optional<time_point> available_at(std::chrono::seconds min_ready) const;
  /// kube's IsPodAvailable.
  bool available(std::chrono::seconds min_ready, time_point now) const;
};

}  // namespace troupe::model
