#pragma once

#include "cli/config/settings.hpp"
#include "cli/roles/parts.hpp"
#include "messages/scheduling.hpp"
#include "messages/store.hpp"
#include "model/instruments/instruments.hpp"
#include "model/scheduling/config.hpp"
#include "store/cache.hpp"

#include <memory>
#include <optional>

namespace troupe::cli {

/// What settings scheduler.* say: the KubeSchedulerConfiguration of scheduler.config, or kube's
/// defaults for scheduler.name. Throws config_error.
model::scheduler_config read_scheduling(const settings& s);
/// The same at a reload: what is wrong is logged, and the answer is nothing; so it is when there is
/// no file to read again.
std::optional<model::scheduler_config> reread_scheduling(const settings& s);

/// What schedulers need of the control plane; the cache is the process's own or a mirror.
struct scheduling_context {
  std::shared_ptr<store::cache> cache;
  store_actor store;
  scheduling_registry_actor registry;
  std::shared_ptr<model::instruments> metrics;  ///< null: nobody looks at them
};

/// The queue hosts and the scheduler actors of a process. Used by one thread.
class scheduling {
 public:
  scheduling(caf::actor_system& system, const settings& s, scheduling_context context,
             const model::scheduler_config& config);

  /// Starts over with another configuration.
  void restart(const model::scheduler_config& config);
  /// Queues give their Leases back first, while all still works.
  void stop();

 private:
  void start(const model::scheduler_config& config);
  void start(const model::scheduler_config& config, const model::profile& profile);

  caf::actor_system& system_;
  const settings& settings_;
  scheduling_context context_;
  std::unique_ptr<parts> running_;
};

}  // namespace troupe::cli
