#pragma once

#include "model/object.hpp"
#include "model/scheduling/extender_config.hpp"
#include "model/scheduling/preemption.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

// What extenders are asked and what they answer (k8s.io/kube-scheduler/extender/v1). Members of
// answers are found whatever their case, as Go does.

/// Whether the pod asks for a resource that the extender manages, or it manages all pods.
bool is_interested(const extender_config& e, const json& pod);

/// The URL of a verb.
std::string extender_url(const extender_config& e, const std::string& verb);

/// ExtenderArgs: the pod, and the nodes or, if it is enough for the extender, their names.
std::string extender_args(const extender_config& e, const object& pod,
                          std::span<const object_ptr> nodes);

/// ExtenderFilterResult.
struct extender_verdict {
  std::string error;                          ///< in kube-scheduler's words; empty: there is none
  std::vector<std::string> nodes;             ///< that may take the pod
  std::map<std::string, std::string> failed;  ///< why others may not
  std::map<std::string, std::string> unresolvable;  ///< ... though pods were evicted
};
/// `asked`: names of the nodes that it was asked about; it may not name others.
extender_verdict read_filter_result(const extender_config& e, std::string_view body,
                                    const std::set<std::string>& asked);

/// HostPriorityList, as scores by node. Nothing when it is none.
std::map<std::string, std::int64_t> read_priorities(std::string_view body);

/// ExtenderPreemptionArgs: the pod, and by node whom it would preempt there: pods or, if it is
/// enough for the extender, their uids.
std::string extender_preemption_args(const extender_config& e, const object& pod,
                                     const std::vector<preemption_candidate>& candidates);

/// ExtenderPreemptionResult: what the extender leaves of the candidates.
struct preemption_verdict {
  std::string error;  ///< in kube-scheduler's words; empty: there is none
  std::vector<preemption_candidate> candidates;
};
/// It may leave nodes and victims out, and may name no others.
preemption_verdict read_preemption_result(const extender_config& e, std::string_view body,
                                          const std::vector<preemption_candidate>& asked);

/// ExtenderBindingArgs.
std::string extender_binding(const object& pod, const std::string& node);
/// The error of an ExtenderBindingResult, or "".
std::string read_binding_result(std::string_view body);

}  // namespace troupe::model
