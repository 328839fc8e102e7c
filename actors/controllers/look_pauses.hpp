#pragma once

#include "model/time.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_map>

namespace troupe {

/// How long a workload is left alone after it was looked at: a thousand pods that become ready one
/// after the other would cost a thousand looks at a thousand pods.
class look_pauses {
 public:
  static constexpr std::chrono::milliseconds a_pod{1};
  static constexpr std::chrono::milliseconds longest{100};

  void looked(const std::string& key, std::size_t pods, model::time_point now) {
    looks_[key] = {now, pods};
  }
  void forget(const std::string& key) { looks_.erase(key); }

  /// Until the next look because of a pod: nothing for who was not looked at for a while.
  std::chrono::milliseconds until_next(const std::string& key, model::time_point now) const {
    const auto at = looks_.find(key);
    if (at == looks_.end()) return {};
    const auto rest =
        std::min(longest, a_pod * static_cast<int>(std::min<std::size_t>(at->second.pods, 1000)));
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - at->second.when);
    return std::clamp<std::chrono::milliseconds>(rest - since, {}, longest);
  }

 private:
  struct look {
    model::time_point when;
    std::size_t pods = 0;
  };
  std::unordered_map<std::string, look> looks_;
};

}  // namespace troupe
