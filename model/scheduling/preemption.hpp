#pragma once

#include "model/object.hpp"
#include "model/selector.hpp"
#include "model/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::model {

// What DefaultPreemption decides when a pod fits nowhere, apart from the search itself
// (offer_table::preempt).

/// What a PodDisruptionBudget says to it.
struct disruption_limit {
  explicit disruption_limit(const object& budget);

  std::string ns;
  std::optional<label_selector> selector;  ///< none, or empty: it guards no pod
  std::int64_t allowed = 0;
  std::set<std::string> disrupted;  ///< pods that are going already
  std::uint64_t version = 0;        ///< of the budget: all of this goes by it
};

/// A pod that may have to go.
struct victim {
  object_ptr pod;
  std::int32_t priority = 0;
  time_point started;  ///< one that has not: the end of time
};

/// More important pods go later: the higher priority, and of the same the one that runs longer.
bool more_important(const victim& a, const victim& b);

/// Splits victims (the order stays) by whether their going would violate a budget.
struct victims_by_budget {
  std::vector<victim> violating;
  std::vector<victim> others;
};
victims_by_budget split_by_budgets(std::vector<victim> victims,
                                   const std::vector<disruption_limit>& budgets);
/// The pod goes: the budgets that guard it allow one less.
void charge(std::vector<disruption_limit>& budgets, const object& pod);

/// A node where the pod would fit if these went, the most important first.
struct preemption_candidate {
  std::string node;
  std::vector<victim> victims;
  std::size_t violations = 0;  ///< victims that a budget would have kept
};
/// The one that Kubernetes picks: fewest violations, lowest highest priority, lowest sum of
/// priorities, fewest victims, latest start of the earliest of the highest priority; then the
/// first. Not of none.
const preemption_candidate& pick_candidate(const std::vector<const preemption_candidate*>& all);

/// How a search ended.
struct preemption {
  std::optional<preemption_candidate> chosen;
  std::vector<preemption_candidate> candidates;  ///< that it was chosen of, if they were asked for
  std::string message;  ///< without one: why, after "preemption: "; empty: nobody preempts
};

/// How pods that are placed together might find room at others' cost.
struct joint_preemption {
  struct part {
    std::size_t pod = 0;  ///< its number among those that were asked about
    std::string node;
    std::vector<victim> victims;  ///< that have to leave it for this pod; none: it fits as it is
  };
  std::vector<part> parts;  ///< as many as were asked for, or none
  std::string message;      ///< without any: why, after "preemption: "
};

/// Of the pod's text.
std::int32_t priority_of(const object& pod);
time_point start_of(const object& pod);
/// Takes its part of a node: it is on one, and has not run to its end. Read from the header: it
/// costs no parse.
bool takes_room(const object& pod);
/// Is being deleted because the scheduler preempted it.
bool ends_by_preemption(const object& pod);
/// status.nominatedNodeName, or "".
std::string nominated_node_of(const object& pod);

}  // namespace troupe::model
