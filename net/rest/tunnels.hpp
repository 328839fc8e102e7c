#pragma once

// Inside of the gateway: connections that leave HTTP for a tunnel to a container.

#include "messages/api_server.hpp"
#include "model/pod_connection.hpp"
#include "model/request_info.hpp"
#include "net/http/server.hpp"
#include "net/stream/frame.hpp"
#include "store/reads.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <variant>

namespace troupe::rest {

/// The protocol that client and server agreed upon.
struct agreement {
  std::shared_ptr<stream::dialect> dialect;
  http::response head;  ///< of the 101
};

/// Chooses the protocol for a request that wants a tunnel: 400 when it does not ask to leave HTTP,
/// or, as 403 over SPDY, for protocols that are none of ours.
std::variant<agreement, model::status> agree(const http::upgrade_offer* offer,
                                             const model::request_info& info,
                                             const model::pod_connection& options);

/// A request for a tunnel on its way to the API actor. Stays in the process.
struct tunnel_forward {
  http::exchange_ptr to;
  api_request request;
  agreement how;
  bool command = true;  ///< it has an error channel for Statuses
};

/// Asks `api` for the tunnel; upgrades the connection when it is there.
void open_tunnel(caf::event_based_actor* self, const api_server_actor& api, const tunnel_forward& f,
                 std::uint64_t id);

}  // namespace troupe::rest

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::rest::tunnel_forward)
