#pragma once

#include "messages/mirror.hpp"
#include "model/random.hpp"
#include "store/cache.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Feeds mirrors in other processes from this process's cache. `incarnation` names this source for
/// ever: a random number.
mirror_source spawn_mirror_source(caf::actor_system& sys, std::shared_ptr<store::cache> cache,
                                  uint64_t incarnation);

/// A mirror's condition; any thread may look.
struct mirror_health {
  std::atomic<bool> attached = false;  ///< follows a source that is not known to be down
  std::atomic<bool> filled = false;    ///< had a snapshot
};

struct mirror_options {
  std::shared_ptr<store::cache> cache;  ///< this mirror is its only applier
  std::vector<std::string> resources;
  std::shared_ptr<mirror_health> health = std::make_shared<mirror_health>();
  /// Called when the source is down: the owner finds it again and hands it over.
  std::function<void()> lost;
  uint64_t seed = model::entropy_seed();  ///< of its ids: mirrors of one source must differ
};

/// Starts a mirror; it waits for a source. How far it has come is its cache's version().
mirror_actor spawn_mirror(caf::actor_system& sys, mirror_options options);

}  // namespace troupe
