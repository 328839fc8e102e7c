#pragma once

#include "messages/api.hpp"
#include "model/time.hpp"
#include "store/reads.hpp"

namespace troupe::api {

/// Sends a watch's lines to `sink`, as far as it grants credit, until either ends.
stream_source spawn_watch_source(caf::actor_system& system, std::unique_ptr<store::watch> watch,
                                 std::uint64_t id, stream_sink sink, model::wall_clock clock);

/// A stream that has nothing to say.
stream_source spawn_empty_source(caf::actor_system& system, std::uint64_t id, stream_sink sink);

}  // namespace troupe::api
