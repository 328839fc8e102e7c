#pragma once

#include "actors/api/conversion.hpp"
#include "messages/api.hpp"
#include "model/time.hpp"
#include "store/reads.hpp"

namespace troupe::api {

/// A watch, and where its objects come from when a webhook makes them.
struct watched {
  std::unique_ptr<store::watch> watch;
  model::wall_clock clock;
  const model::kind_info* made = nullptr;  ///< of this version; null: they are as they are stored
  caf::actor_addr converter = {};          ///< a converter_actor
};

/// Sends a watch's lines to `sink`, as far as it grants credit, until either ends.
stream_source spawn_watch_source(caf::actor_system& system, watched what, std::uint64_t id,
                                 stream_sink sink);

/// A stream that has nothing to say.
stream_source spawn_empty_source(caf::actor_system& system, std::uint64_t id, stream_sink sink);

}  // namespace troupe::api
