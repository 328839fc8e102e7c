#pragma once

#include "model/metrics/figures.hpp"
#include "model/object.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::model {

// How many pods a measure asks for: kube's replica calculator.

/// A measure this near to its target (a tenth) changes nothing.
inline constexpr double autoscaling_tolerance = 0.1;
/// While a pod is so young its cpu counts only once it is ready and measured since.
inline constexpr std::chrono::seconds cpu_initialization_period{300};
/// A pod that is not ready, and was not after so long, has never been.
inline constexpr std::chrono::seconds initial_readiness_delay{30};

/// What an autoscaler knows of a pod.
struct autoscaled_pod {
  autoscaled_pod() = default;
  explicit autoscaled_pod(const object& pod);

  std::string name;
  std::string phase;
  bool deleting = false;
  std::optional<time_point> started;      ///< status.startTime
  std::string ready;                      ///< condition Ready: True, False, Unknown, "" without one
  std::optional<time_point> ready_since;  ///< its lastTransitionTime
  /// Requests in thousandths by container and resource: of containers and sidecars.
  std::vector<std::pair<std::string, std::map<std::string, std::int64_t>>> requests;
};

/// A pod and what it uses; without figures it was not measured.
struct measured_pod {
  autoscaled_pod pod;
  std::optional<pod_figures> figures;
  time_point at{};                 ///< when the figures came
  std::chrono::seconds window{0};  ///< that they are an average of
};
using measured_pods = std::vector<measured_pod>;

/// A proposal, or why there is none in Kubernetes' words.
struct replica_proposal {
  std::int64_t replicas = 0;
  std::int64_t utilization = 0;  ///< percent of the requests
  std::int64_t average = 0;      ///< of the pods, in thousandths
};
using replica_answer = std::variant<replica_proposal, std::string>;

/// By use of a resource as a percentage of the requests. `container`: of this one alone, or empty.
replica_answer replicas_by_utilization(const measured_pods& pods, std::string_view ns,
                                       std::int64_t current, std::int64_t target_percent,
                                       std::string_view resource, std::string_view container,
                                       time_point now);
/// By use of a resource in thousandths for each pod.
replica_answer replicas_by_value(const measured_pods& pods, std::string_view ns,
                                 std::int64_t current, std::int64_t target_milli,
                                 std::string_view resource, std::string_view container,
                                 time_point now);

/// By values of pods in thousandths, which another API gave; a pod without one was not measured.
replica_answer replicas_by_given_values(const measured_pods& pods,
                                        std::map<std::string, std::int64_t> values,
                                        std::int64_t current, std::int64_t target_milli,
                                        time_point now);
/// By how far one value is from its target: that many times the pods that are ready, which
/// utilization and average say nothing of.
replica_answer replicas_by_ratio(const measured_pods& pods, std::int64_t current, double ratio);
/// By a sum in thousandths that is to be shared by the pods; average is what each has now.
replica_proposal replicas_by_share(std::int64_t current, std::int64_t sum_milli,
                                   std::int64_t target_milli);

}  // namespace troupe::model
