#pragma once

// Inside of the gateway: between HTTP's threads and the API actors.

#include "messages/api_server.hpp"
#include "net/http/server.hpp"
#include "store/reads.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

namespace troupe::rest {

/// A request for the API actor and where its answer goes. Stays in the process.
struct forward {
  http::exchange_ptr to;
  api_request request;
};

using forward_atom = caf::atom_constant<caf::atom("forward")>;

/// Passes requests to `api` and answers to their connections: (forward_atom, forward) for one with
/// one answer, (open_atom, forward) for a stream, (tunnel_atom, tunnel_forward) for a tunnel.
caf::actor spawn_bridge(caf::actor_system& system, api_server_actor api);

/// A Warning header (RFC 7234) as Kubernetes sends them.
void add_warning(http::response& to, std::string_view text);

/// The HTTP response to an API actor's answer; failures in the encoding that `accept` asks for.
http::response to_http(const api_response& r, std::string_view accept, audit_notes notes = {});

/// The HTTP response to a request that no actor answered.
http::response failure(const caf::error& e, std::string_view accept);

}  // namespace troupe::rest

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::rest::forward)
