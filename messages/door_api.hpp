#pragma once

#include "messages/api.hpp"

namespace troupe {

/// The API as the door's sessions ask it, in its own process: the IP address that a request came
/// from (empty: not known) stands before it.
using door_api_actor =
    caf::typed_actor<caf::replies_to<request_atom, std::string, api_request>::with<api_response>,
                     caf::replies_to<open_atom, std::string, api_request, uint64_t,
                                     stream_sink>::with<api_response, stream_source>>;

}  // namespace troupe
