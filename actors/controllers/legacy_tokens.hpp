#pragma once

#include "actors/controllers/controllers.hpp"

namespace troupe {

struct legacy_token_options {
  std::chrono::hours unused{365 * 24};  ///< kube's --legacy-service-account-token-clean-up-period
};

/// Marks the tokens in Secrets that Kubernetes once made by itself as invalid when nobody has used
/// them for the time, and deletes them after that time again.
controller_actor spawn_legacy_token_cleaner(caf::actor_system& sys, controller_options options,
                                            legacy_token_options own = {});

using used_atom = caf::atom_constant<caf::atom("used")>;

/// Notes on Secrets that their tokens are used.
using token_use_actor = caf::typed_actor<
    /// The Secret, as it is.
    caf::reacts_to<used_atom, object_ref>>;

token_use_actor spawn_token_use_recorder(caf::actor_system& sys, api_actor api,
                                         model::wall_clock clock = model::system_wall_clock());

}  // namespace troupe
