#pragma once

#include "messages/api_server.hpp"
#include "messages/node.hpp"
#include "messages/store.hpp"
#include "model/authorizer.hpp"
#include "model/service_account_token.hpp"
#include "model/service_addresses.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace troupe {

/// Who a bearer token speaks for; nothing when it is not valid. `audiences` are whom it should be
/// for (none: the API server), and become those of them that it is for. Must not block. Null: no
/// tokens.
using token_authenticator = std::function<std::optional<user_info>(
    std::string_view token, std::vector<std::string>& audiences)>;

struct api_options {
  std::shared_ptr<store::cache> cache;  ///< what reads and preconditions are judged by
  store_actor store;
  node_registry_actor nodes;  ///< where logs come from; null: 503 for them
  model::wall_clock clock = model::system_wall_clock();
  token_authenticator authenticate;  ///< for TokenReviews
  /// What users may do; null: what the roles and bindings of the cache say.
  std::shared_ptr<const model::authorizer> rights;
  /// Makes tokens of service accounts; null: there are none, and pods need no account.
  std::shared_ptr<const model::token_issuer> tokens;
  std::uint64_t seed = 0;  ///< of uids and generated names; differs from actor to actor
  std::chrono::seconds watch_timeout{1800};  ///< of a watch that names none
  model::service_ranges services;            ///< where their addresses and node ports come from
};

/// An API actor. It ends when its last handle goes, or by an exit message.
api_server_actor spawn_api(caf::actor_system& system, api_options options);

}  // namespace troupe
