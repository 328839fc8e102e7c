#pragma once

#include "model/selector.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// The labels of a namespace, or null when it is not known.
using namespace_labels = std::function<const string_pairs*(const std::string& ns)>;

/// Which pods a term or a constraint counts: by namespace and labels.
struct pod_matcher {
  std::vector<std::string> namespaces;        ///< sorted
  std::optional<label_selector> in_labelled;  ///< or in namespaces with such labels
  std::optional<label_selector> pods;         ///< none (no selector was given): no pod
  std::string text;                           ///< matchers of the same text match the same pods

  bool matches(const std::string& ns, const string_pairs& labels,
               const namespace_labels& known) const;
  /// The same for somebody who does not know the labels of namespaces: they may be as wanted.
  bool may_match(const std::string& ns, const string_pairs& labels) const;
};

/// A term of a pod affinity or anti-affinity.
struct affinity_term {
  pod_matcher who;
  std::string topology_key;
  std::int64_t weight = 0;  ///< of a preferred one
};

/// One of a pod's topologySpreadConstraints, with its matchLabelKeys resolved.
struct spread_constraint {
  pod_matcher who;  ///< of the pod's own namespace; those that are being deleted do not count
  std::string topology_key;
  std::int64_t max_skew = 1;
  std::int64_t min_domains = 1;
  bool required = true;         ///< DoNotSchedule
  bool counts = true;           ///< false: an empty selector, which counts nobody
  bool honors_affinity = true;  ///< nodeAffinityPolicy
  bool honors_taints = false;   ///< nodeTaintsPolicy
};

/// What a pod wants of the pods around it: its inter-pod affinity and topology spread.
struct placement_rules {
  std::vector<affinity_term> affinity;
  std::vector<affinity_term> anti_affinity;
  std::vector<affinity_term> preferred;
  std::vector<affinity_term> preferred_anti;
  std::vector<spread_constraint> spread;

  bool has_terms() const {
    return !affinity.empty() || !anti_affinity.empty() || !preferred.empty() ||
           !preferred_anti.empty();
  }
};

/// Of a pod's spec; null when it has no such rules.
std::shared_ptr<const placement_rules> placement_rules_of(const json& spec, const std::string& ns,
                                                          const string_pairs& labels);

/// PodTopologySpread's constraints for pods that have none (defaultingType System): by host and by
/// zone, ScheduleAnyway, over the pods that `who` selects.
std::vector<spread_constraint> system_default_spread(const pod_matcher& who);

/// A matcher of pods of one namespace by a selector.
pod_matcher matcher_in(const std::string& ns, label_selector selector);

}  // namespace troupe::model
