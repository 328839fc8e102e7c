#pragma once

#include "actors/controllers/controller.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What a shared object and the program that loads it have to agree on: both are built with the
/// same headers. Grows whenever `controller`, `controller_host` or what they speak of changes.
inline constexpr unsigned controller_plugin_version = 2;

/// Controllers out of a shared object.
std::vector<controller_actor> spawn_plugin(caf::actor_system& sys,
                                           const controller_options& options,
                                           const std::string& path);

}  // namespace troupe

/// What TROUPE_CONTROLLERS defines: adds the controllers of that source. A program that the source
/// is compiled into calls it, too.
extern "C" void troupe_controller_plugin_make(
    std::vector<std::unique_ptr<troupe::controller>>& out);

/// Ends a shared object's source: names a function that makes its controllers,
/// std::vector<std::unique_ptr<troupe::controller>>().
#define TROUPE_CONTROLLERS(make)                               \
  extern "C" unsigned troupe_controller_plugin_version() {     \
    return troupe::controller_plugin_version;                  \
  }                                                            \
  extern "C" void troupe_controller_plugin_make(               \
      std::vector<std::unique_ptr<troupe::controller>>& out) { \
    out = make();                                              \
  }
