#pragma once

#include "messages/api.hpp"
#include "messages/tunnel.hpp"
#include "model/audit_notes.hpp"

namespace troupe {

using model::audit_notes;

using audited_atom = caf::atom_constant<caf::atom("audited")>;

/// The API as those ask it who write down what they pass on.
using audited_api_actor = api_actor::extend<
    /// As request_atom, with what the log is to say of the request.
    caf::replies_to<audited_atom, api_request>::with<api_response, audit_notes>>;

/// What a gateway asks: also the requests that leave HTTP for a tunnel (exec, attach, portforward).
using api_server_actor = audited_api_actor::extend<
    /// (request, id, the asking end): a 101 and the other end, or another code and none;
    /// and what the log is to say of it.
    caf::replies_to<tunnel_atom, api_request, uint64_t,
                    tunnel_actor>::with<api_response, tunnel_actor, audit_notes>>;

}  // namespace troupe

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::model::audit_notes)
