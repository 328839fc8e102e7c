#pragma once

#include "messages/api.hpp"
#include "messages/tunnel.hpp"
#include "model/authorizer.hpp"
#include "model/hooks/hook.hpp"
#include "model/pod_connection.hpp"
#include "store/cache.hpp"

#include <optional>
#include <string>
#include <variant>

namespace troupe::api {

/// Which container, or which pod's ports, on which node a request means.
struct tunnel_target {
  std::string node;
  tunnel_request request;
  model::pod_connection wanted;
  model::hook_request admission;  ///< what webhooks are shown: the options of the request
};

/// Authorizes and understands a request for pods/NAME/exec, attach or portforward.
std::variant<tunnel_target, model::status> find_tunnel(const api_request& request,
                                                       const store::cache& objects,
                                                       const model::authorizer& rights);

/// Puts the options in as mutating webhooks left them; a Status when they cannot be.
std::optional<model::status> change_options(tunnel_target& t, model::json options,
                                            const store::cache& objects);

}  // namespace troupe::api
