#pragma once

#include "actors/kubelet/context.hpp"

namespace troupe {

/// Reports what the node and its pods use, at the interval of the kubelet's options; nothing but a
/// sign of life while it stays the same. Ends by an exit message.
caf::actor spawn_usage_reporter(caf::actor_system& system, context_ptr context, uint64_t seed);

}  // namespace troupe
