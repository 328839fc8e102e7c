#pragma once

#include "cli/config/settings.hpp"
#include "cli/roles/parts.hpp"
#include "messages/scheduling.hpp"
#include "messages/store.hpp"
#include "store/cache.hpp"

#include <memory>

namespace troupe::cli {

/// What schedulers need of the control plane; the cache is the process's own or a mirror.
struct scheduling_context {
  std::shared_ptr<store::cache> cache;
  store_actor store;
  scheduling_registry_actor registry;
};

/// Starts the queue host and the scheduler actors of settings scheduler.*, and adds them to `all`.
void start_scheduling(caf::actor_system& system, const settings& s,
                      const scheduling_context& context, parts& all);

}  // namespace troupe::cli
