#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace troupe {

/// How many pods a controller makes or removes in one reconciliation (kube's BurstReplicas).
inline constexpr std::size_t burst_replicas = 500;

/// How many calls went well, and what the first that failed said.
struct batch_result {
  std::size_t succeeded = 0;
  std::string failure;
};

/// One of several calls: starts number `index` and later calls `ended`, with an empty text when it
/// went well.
using batch_call =
    std::function<void(std::size_t index, std::function<void(std::string failure)> ended)>;

/// All `count` calls at once.
void call_all(std::size_t count, const batch_call& one, std::function<void(batch_result)> done);

/// 1 call, then 2, 4, 8, ... at once, and no more after a batch in which one failed: what cannot
/// succeed (a quota) is not tried a thousand times (kube's slowStartBatch).
void call_slow_start(std::size_t count, batch_call one, std::function<void(batch_result)> done);

}  // namespace troupe
