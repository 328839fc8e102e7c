#pragma once

#include "actors/controllers/controllers.hpp"

namespace troupe {

/// Accepts the names of CustomResourceDefinitions, and removes the objects of deleted ones.
controller_actor spawn_custom_resource_controller(caf::actor_system& sys,
                                                  controller_options options);

}  // namespace troupe
