#pragma once

#include <caf/actor_system_config.hpp>

namespace troupe {

/// The CAF configuration that all our actor systems start from: every message type registered, the
/// error category rendered, workers that share a job_queue. Networking is added by those that have
/// it (actors/edge).
struct system_config : caf::actor_system_config {
  explicit system_config(std::size_t threads = 0);  ///< scheduler threads; 0: one a core
};

}  // namespace troupe
