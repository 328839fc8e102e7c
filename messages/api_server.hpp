#pragma once

#include "messages/api.hpp"
#include "messages/tunnel.hpp"

namespace troupe {

/// What a gateway asks: also the requests that leave HTTP for a tunnel (exec, attach, portforward).
using api_server_actor = api_actor::extend<
    /// (request, id, the asking end): a 101 and the other end, or another code and none.
    caf::replies_to<tunnel_atom, api_request, uint64_t, tunnel_actor>::with<api_response,
                                                                            tunnel_actor>>;

}  // namespace troupe
