#pragma once

#include "messages/node.hpp"
#include "model/time.hpp"

#include <caf/fwd.hpp>

#include <functional>

namespace troupe {

/// What a log source reads.
struct log_options {
  std::string path;  ///< of the newest file; rotated ones are path.*
  std::string text;  ///< of a log that is no file, in the same form; counts when there is no path
  log_request request;
  model::wall_clock clock;
};

/// Starts to read a container's log. It ends with the stream: at the end of the file or, when it
/// follows, once the file ends and `finish` was received.
stream_source spawn_log_source(caf::actor_system& system, log_options options, uint64_t id,
                               stream_sink sink, std::function<bool()> still_running);

}  // namespace troupe
