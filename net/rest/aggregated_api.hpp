#pragma once

#include "messages/api_server.hpp"
#include "model/authorizer.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace troupe::rest {

class aggregation;

struct aggregated_api_options {
  audited_api_actor api;
  std::weak_ptr<aggregation> others;
  std::shared_ptr<const store::cache> cache;
  std::shared_ptr<const model::authorizer> rights;
  model::wall_clock clock;
};

/// The API as actors of this process see it: requests for groups that other servers serve go there,
/// in the name of their user and as far as that one may; discovery shows what they serve; all else
/// goes to `api`. 503 where such a server is not available or gives no answer, 429 when too many
/// wait for one.
audited_api_actor spawn_aggregated_api(caf::actor_system& system, aggregated_api_options options);

}  // namespace troupe::rest
