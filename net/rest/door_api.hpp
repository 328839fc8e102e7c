#pragma once

#include "messages/api_server.hpp"
#include "messages/door_api.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace troupe::rest {

class audit_log;
class request_metrics;

/// The API as it is asked through the edge door: requests go to `api`, are written down by `audit`
/// (null: nowhere) and counted as those that come over HTTP are.
door_api_actor spawn_door_api(caf::actor_system& system, audited_api_actor api,
                              std::shared_ptr<audit_log> audit,
                              std::shared_ptr<request_metrics> metrics);

/// The same for those who ask in this process: `door`, as from this host.
api_actor spawn_local_api(caf::actor_system& system, door_api_actor door);

}  // namespace troupe::rest
