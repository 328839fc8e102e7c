#pragma once

#include <caf/fwd.hpp>

namespace troupe::api {

/// Answers each message after a pause (wait_step), in their order.
caf::actor spawn_pause(caf::actor_system& system);

}  // namespace troupe::api
