#pragma once

#include "messages/api.hpp"
#include "messages/tunnel.hpp"

#include <map>
#include <string>

namespace troupe {

/// What admission has to say of a request in the audit log, by the annotations' names. Goes beside
/// an answer, inside of one process.
struct audit_notes {
  std::map<std::string, std::string> annotations;
};

using audited_atom = caf::atom_constant<caf::atom("audited")>;

/// The API as those ask it who write down what they pass on.
using audited_api_actor = api_actor::extend<
    /// As request_atom, with what the log is to say of the request.
    caf::replies_to<audited_atom, api_request>::with<api_response, audit_notes>>;

/// What a gateway asks: also the requests that leave HTTP for a tunnel (exec, attach, portforward).
using api_server_actor = audited_api_actor::extend<
    /// (request, id, the asking end): a 101 and the other end, or another code and none.
    caf::replies_to<tunnel_atom, api_request, uint64_t, tunnel_actor>::with<api_response,
                                                                            tunnel_actor>>;

}  // namespace troupe

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::audit_notes)
