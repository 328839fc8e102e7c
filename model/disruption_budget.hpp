#pragma once

#include "model/admission.hpp"
#include "model/object.hpp"
#include "model/owners.hpp"
#include "model/time.hpp"
#include "model/workload/remark.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

class custom_kinds;

// The status of a PodDisruptionBudget, as kube-controller-manager's disruption controller keeps
// it.

/// An eviction that is not followed by the pod's deletion for so long did not happen.
inline constexpr std::chrono::seconds disruption_timeout{120};

/// What a budget counts of a pod.
struct guarded_pod {
  guarded_pod() = default;
  explicit guarded_pod(const object& pod);
  bool operator==(const guarded_pod& o) const;

  std::string name;
  bool ready = false;
  bool deleting = false;
  std::optional<owner_reference> controller;
};

struct budget_decision {
  json status;                        ///< that it should have
  std::vector<remark> remarks;        ///< about the budget
  std::vector<std::string> lingered;  ///< pods that were to go and did not
  std::optional<time_point> recheck;  ///< when the next of those that are to go is overdue
};

/// Counts a budget. `pods` are all that it selects; `lookup` finds their controllers, whose scales
/// a percentage and maxUnavailable go by; they may be of `custom` kinds with a scale. What cannot
/// be counted allows no disruption: condition DisruptionAllowed is then False for the reason
/// SyncFailed.
budget_decision decide_budget(const json& budget, const std::vector<const guarded_pod*>& pods,
                              const object_lookup& lookup, const custom_kinds& custom,
                              time_point now);

/// What an eviction or another disruption says of a pod (condition DisruptionTarget) is no longer
/// true of one that is not being deleted after this time.
struct stale_disruption {
  bool now = false;              ///< it is time to take it back
  std::optional<time_point> at;  ///< when it will be
};
stale_disruption judge_disruption_target(const json& pod, time_point now);

}  // namespace troupe::model
