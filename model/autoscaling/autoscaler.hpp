#pragma once

#include "model/autoscaling/behavior.hpp"
#include "model/autoscaling/measures.hpp"
#include "model/autoscaling/replicas.hpp"
#include "model/workload/remark.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

// A HorizontalPodAutoscaler (autoscaling/v2) as kube's horizontal controller keeps it: what there
// is goes in, the new status and the number of pods to ask for come out.

/// What an autoscaler scales.
struct scale_target {
  std::string failure;  ///< not empty: why its Scale could not be read
  json scale;           ///< autoscaling/v1 Scale
  measured_pods pods;   ///< those that the Scale's selector selects
  /// Autoscalers of the namespace whose selectors select some of these pods, with this one among
  /// them; more than one is one too many.
  std::vector<std::string> rivals;
  /// What other APIs said of entries of spec.metrics, by the entries' places.
  std::map<std::size_t, measure_reply> replies;
};

struct autoscaling {
  json status;                          ///< that it should have
  std::optional<std::int64_t> rescale;  ///< pods to ask for
  std::int64_t current = 0;             ///< pods that are asked for
  std::string reason;                   ///< of the rescale
  std::vector<remark> remarks;          ///< Events about it
};

/// Decides. `memory` is that of this autoscaler, and is changed. What became of a rescale is for
/// rescaled() to tell.
autoscaling autoscale(const json& autoscaler, const scale_target& target, autoscaler_memory& memory,
                      time_point now);

/// Completes a decision that has a rescale; `failure` says why the Scale could not be written.
void rescaled(autoscaling& decision, const json& autoscaler, const std::string& failure,
              autoscaler_memory& memory, time_point now);

}  // namespace troupe::model
