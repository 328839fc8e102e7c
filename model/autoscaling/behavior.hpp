#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::model {

// From what the measures propose to what is asked for: the bounds, the pace and the memory of an
// autoscaler (kube's normalizeDesiredReplicas and its kin).

/// What an autoscaler remembers of its past; lost with its process, as in Kubernetes.
struct autoscaler_memory {
  struct recommendation {
    std::int64_t replicas = 0;
    time_point at{};
  };
  struct change {
    std::int64_t replicas = 0;  ///< how many more, or how many fewer
    time_point at{};
  };
  std::vector<recommendation> recommendations;
  std::vector<change> ups, downs;

  /// Before the first recommendation: what there is counts as one.
  void begin(std::int64_t current, time_point now);
  /// The number was changed; `behavior` says how long that is of interest.
  void changed(const json& behavior, std::int64_t from, std::int64_t to, time_point now);
};

/// One condition of an autoscaler.
struct autoscaler_condition {
  const char* type = "";  ///< AbleToScale, ScalingActive, ScalingLimited
  bool holds = false;
  std::string reason, message;
};

struct autoscaler_bounds {
  std::int64_t least = 1, most = 1;
  std::int64_t current = 0;
};

struct bounded_replicas {
  std::int64_t replicas = 0;
  autoscaler_condition able, limited;
};

/// The nearest to `wanted` that may be asked for now; remembers `wanted`. `behavior`:
/// spec.behavior, or null.
bounded_replicas bound_replicas(const json& behavior, const autoscaler_bounds& bounds,
                                std::int64_t wanted, autoscaler_memory& memory, time_point now);

}  // namespace troupe::model
