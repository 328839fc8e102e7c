#pragma once

#include "messages/api.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace troupe::rest {

class aggregation;

/// The API as actors of this process see it: requests for groups that other servers serve go there,
/// in the name of their user; all others, and all streams, go to `api`. 503 where such a server is
/// not available or gives no answer, 429 when too many wait for one.
api_actor spawn_aggregated_api(caf::actor_system& system, api_actor api,
                               const std::shared_ptr<aggregation>& others);

}  // namespace troupe::rest
