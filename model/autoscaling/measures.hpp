#pragma once

#include "model/autoscaling/replicas.hpp"

#include <string>

namespace troupe::model {

/// What one entry of an autoscaler's spec.metrics proposes.
struct measure_answer {
  std::int64_t replicas = 0;
  std::string name;    ///< "cpu resource utilization (percentage of request)"
  json status;         ///< autoscaling/v2 MetricStatus; its type is "" when there is no proposal
  std::string reason;  ///< not empty: there is none (FailedGetResourceMetric)
  std::string why;     ///< of the condition and the event
  std::string error;   ///< the same with what was asked
};

/// Judges a MetricSpec. Figures of resources come with the pods; the other measures come from APIs
/// that nobody serves here, which is what their answers say.
measure_answer judge_measure(const json& metric, std::string_view ns, std::int64_t replicas,
                             const measured_pods& pods, time_point now);

}  // namespace troupe::model
