#pragma once

#include "messages/api.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace troupe {

/// How many requests a gate lets be under way at a time.
struct gate_limits {
  std::size_t least = 4;    ///< whatever others do
  std::size_t shared = 64;  ///< divided among those who write: enough to fill the store's batches
  std::size_t alone = 128;  ///< when nobody else has written for `quiet`
  std::chrono::milliseconds quiet{100};
};

/// An API actor before the real one that lets a bounded number of requests through at a time and
/// keeps the others waiting, first come first served. What the kubelets of one process report then
/// takes a bounded share of the API, and people do not wait behind a thousand nodes (what API
/// priority and fairness does for the system-nodes level). `writes_under_way` counts the writes of
/// all: the more of them are others', the fewer go through. Streams pass at once.
api_actor spawn_api_gate(caf::actor_system& system, api_actor api, gate_limits limits,
                         std::function<std::int64_t()> writes_under_way);

}  // namespace troupe
