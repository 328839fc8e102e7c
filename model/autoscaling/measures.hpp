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

/// No proposal: `asked` says of what, `why` is for the condition.
measure_answer measure_failure(const char* reason, std::string why, const std::string& asked);
/// An amount of a MetricTarget in thousandths.
std::int64_t target_milli(const json& target, const char* field);

/// What another API said of a measure: its list of values, or why there is none.
struct measure_reply {
  json list;
  std::string failure;
};

/// What is asked about a measure.
struct measure_question {
  std::string ns;
  std::int64_t replicas = 0;         ///< that are asked for
  std::int64_t status_replicas = 0;  ///< that there are, as the Scale says
  const measured_pods& pods;
  time_point now;
};

/// Judges a MetricSpec. Figures of resources come with the pods; `reply` is that of the API that
/// knows the other measures, null when nobody serves it.
measure_answer judge_measure(const json& metric, const measure_question& q,
                             const measure_reply* reply = nullptr);

}  // namespace troupe::model
