#pragma once

#include "model/autoscaling/measures.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

// Measures that other API servers know: custom.metrics.k8s.io (of pods and of other objects) and
// external.metrics.k8s.io.

/// The group that an entry of spec.metrics is asked of; empty: of none of these.
std::string_view measure_group(const json& metric);

/// What is to be known for the request.
struct measure_request {
  std::string version;   ///< of the group, that is served
  std::string ns;        ///< of the autoscaler
  std::string pods;      ///< selector of the target's pods, as text
  std::string resource;  ///< GroupResource of the described object: "services",
                         ///< "ingresses.networking.k8s.io"
};
/// Path and query of the GET.
std::string measure_target(const json& metric, const measure_request& r);

/// Judges such an entry. `reply`: the answer; without one nobody serves the group.
measure_answer judge_served(const json& metric, const measure_question& q,
                            const measure_reply* reply);

}  // namespace troupe::model
