#pragma once

#include "model/kubelet/runtime_types.hpp"
#include "model/metrics/figures.hpp"

#include <optional>
#include <unordered_map>

namespace troupe::model::kubelet {

/// A counter of cpu time as read at a time, and memory beside it.
struct usage_sample {
  std::uint64_t core_ns = 0;
  std::int64_t at = 0;  ///< ns since the epoch
  std::uint64_t memory = 0;
};

/// Makes figures out of counters: cpu is the difference of two readings over the time between them.
/// A pod of whose containers one was not read twice yet is left out (metrics-server does the same).
class usage_meter {
 public:
  /// `host`: of the whole node; none (a simulation): its pods' sum and a share for the system.
  node_figures measure(const std::vector<container_usage>& containers,
                       const std::optional<usage_sample>& host, std::chrono::seconds window);

 private:
  std::optional<std::int64_t> rate(const std::string& id, const usage_sample& now);

  std::unordered_map<std::string, usage_sample> before_;  ///< by container; "": the host
  std::unordered_map<std::string, usage_sample> seen_;    ///< in the measurement under way
};

/// What the system of a simulated node uses.
inline constexpr figure simulated_system{100'000'000, std::int64_t{1} << 30};

}  // namespace troupe::model::kubelet
