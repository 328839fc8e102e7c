#pragma once

#include "model/object.hpp"
#include "model/scheduling/resources.hpp"
#include "model/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

// Gangs: pods that are placed all together or not at all, as the scheduler-plugins project's
// coscheduling names them.

/// The label that names a pod's PodGroup.
inline constexpr const char* pod_group_label = "scheduling.x-k8s.io/pod-group";
/// The custom resource.
inline constexpr const char* pod_groups_resource = "podgroups.scheduling.x-k8s.io";

/// "NAMESPACE/NAME" of the PodGroup that a pod belongs to; empty: none.
std::string pod_group_of(const std::string& ns, const string_pairs& labels);

/// spec.minMember of a PodGroup; below 1 counts as 1.
std::size_t min_member_of(const object& pod_group);

/// What a gang wants to be free in the cluster before it is tried: spec.minResources of a PodGroup,
/// and room for spec.minMember pods. Nothing if it names no resources.
std::optional<resources> min_resources_of(const object& pod_group);

/// What of that the nodes do not have free, as the project's coscheduling sums it up: over all
/// nodes, whatever they are like.
class resource_gap {
 public:
  explicit resource_gap(resources wanted) : left_(std::move(wanted)) {}
  /// What a node has free; one that has given away more than it has does not count against others.
  void take_free(const resources& allocatable, const resources& used);
  /// Pods of the gang that have their room already.
  void take(const resources& room) { take_free(room, {}); }
  bool closed() const;
  /// "cpu 2, memory 4Gi"; empty: it is closed.
  std::string text() const;

 private:
  resources left_;
};

/// How long what a gang has been promised is held for it: spec.scheduleTimeoutSeconds, or the
/// minute of the project's PermitWaitingTimeSeconds.
std::chrono::seconds schedule_timeout_of(const object& pod_group);

/// What a PodGroup's status goes by of one of its pods.
struct group_member {
  group_member() = default;
  explicit group_member(const object& pod);
  bool operator==(const group_member&) const = default;

  bool placed = false;  ///< is on a node, or was
  std::string phase;
  std::string owners;  ///< "NAMESPACE/NAME" of each, sorted, with commas between them
};

/// The status that a PodGroup should have with these pods (all that carry its label): phase Pending
/// until minMember of them are there, Scheduling until as many are on nodes, Scheduled until as
/// many run or have succeeded, then Running; Finished when minMember have succeeded, Failed when
/// one has failed and minMember have got that far: these two are the last. With the counts
/// scheduled, running, succeeded and failed.
json pod_group_status(const json& pod_group, const std::vector<const group_member*>& pods,
                      time_point now);

}  // namespace troupe::model
