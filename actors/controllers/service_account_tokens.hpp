#pragma once

#include "actors/controllers/controllers.hpp"
#include "model/service_account_token.hpp"

namespace troupe {

struct service_account_token_options {
  std::shared_ptr<const model::token_issuer> tokens;
  std::string ca;  ///< PEM
};

/// Fills in Secrets of type kubernetes.io/service-account-token (token, CA and namespace), and
/// deletes them with their account.
controller_actor spawn_service_account_token_controller(caf::actor_system& sys,
                                                        controller_options options,
                                                        service_account_token_options own);

}  // namespace troupe
