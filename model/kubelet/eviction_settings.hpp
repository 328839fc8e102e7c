#pragma once

#include "model/kubelet/runtime_types.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::model::kubelet {

/// What a kubelet watches for want of it: Kubernetes' eviction signals.
enum class eviction_signal : std::uint8_t {
  memory_available,
  nodefs_available,
  nodefs_inodes_free,
  imagefs_available,
  imagefs_inodes_free,
  pid_available
};
/// "memory.available"
const char* to_text(eviction_signal s);
/// The resource that the signal is about, as events and messages name it: "ephemeral-storage".
const char* resource_of(eviction_signal s);

/// An amount, or a share of what there is.
struct eviction_value {
  std::int64_t amount = 0;
  double share = 0;  ///< 0.1: a tenth; 0: the amount counts
  std::int64_t of(std::int64_t capacity) const;
};

struct eviction_threshold {
  eviction_signal signal = eviction_signal::memory_available;
  eviction_value value;
  eviction_value least_reclaim;  ///< so much more has to be there before it counts as past
  std::chrono::seconds grace{0};
  bool hard = true;
};

/// When a kubelet ends pods for want of something (KubeletConfiguration's eviction fields).
struct eviction_settings {
  std::vector<eviction_threshold> thresholds;
  std::chrono::milliseconds transition{300'000};  ///< a condition lasts at least as long
  std::chrono::seconds most_grace{0};             ///< of pods that go for soft thresholds
  std::chrono::milliseconds interval{10'000};     ///< between looks
};

/// The maps of the fields evictionHard, evictionSoft, evictionSoftGracePeriod and
/// evictionMinimumReclaim.
struct eviction_texts {
  string_map hard, soft, soft_grace, least_reclaim;
};
/// Kubernetes' defaults.
const string_map& default_eviction_hard();

/// What is wrong with a field's map.
struct eviction_fault {
  std::string field;  ///< "evictionHard"
  std::string what;   ///< empty: nothing
};
eviction_fault read_thresholds(const eviction_texts& texts, std::vector<eviction_threshold>& out);

}  // namespace troupe::model::kubelet
