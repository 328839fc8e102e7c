#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::scheduler {

/// How pods came into the parts of a queue: kube-scheduler's queue_incoming_pods_total.
struct queue_tally {
  enum class part : std::uint8_t { active, backoff, unschedulable, gated };
  enum class event : std::uint8_t {
    pod_add,
    pod_update,
    attempt_failure,
    cluster_change,  ///< a node, a pod or a volume changed, and that may help
    backoff_complete,
    lease_returned  ///< its scheduler went away
  };
  static constexpr std::array<std::string_view, 4> parts{"active", "backoff", "unschedulable",
                                                         "gated"};
  static constexpr std::array<std::string_view, 6> events{
      "PodAdd",        "PodUpdate",       "ScheduleAttemptFailure",
      "ClusterChange", "BackoffComplete", "LeaseReturned"};

  event now = event::pod_add;  ///< what is being done
  std::array<std::array<std::uint64_t, parts.size()>, events.size()> came{};

  void to(part p) { ++came.at(static_cast<std::size_t>(now)).at(static_cast<std::size_t>(p)); }
};

}  // namespace troupe::scheduler
