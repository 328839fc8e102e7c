#pragma once

#include "messages/events.hpp"
#include "messages/scheduling.hpp"
#include "model/instruments/instruments.hpp"
#include "model/lease.hpp"
#include "model/scheduling/extender_config.hpp"
#include "model/scheduling/profile.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace troupe::scheduler {

/// The Lease of a scheduler name: kube-scheduler for default-scheduler, as Kubernetes has it; its
/// own name for others.
std::string lease_name(const std::string& scheduler_name);

struct queue_host_options {
  std::string scheduler_name = "default-scheduler";
  std::string identity;                 ///< "HOST_uuid": who holds the Lease
  std::shared_ptr<store::cache> cache;  ///< of this process; a mirror will do
  store_actor store;
  scheduling_registry_actor registry;
  recorder_actor recorder;                      ///< may be null: no events
  std::string instance;                         ///< of its events: SCHEDULER-HOST
  std::shared_ptr<model::instruments> metrics;  ///< null: nobody looks at them
  model::wall_clock clock = model::system_wall_clock();
  std::uint64_t seed = 0;
  // Leader election; shorter for tests.
  std::chrono::milliseconds lease_duration{15000};
  std::chrono::milliseconds renew_deadline{10000};
  std::chrono::milliseconds retry_period{2000};
  // How soon a pod is tried again.
  std::chrono::milliseconds initial_backoff{1000};
  std::chrono::milliseconds max_backoff{10000};
  std::chrono::milliseconds unschedulable_limit{300000};
  std::size_t batch = 256;                        ///< pods a lease
  std::shared_ptr<const model::profile> profile;  ///< of the name; null: the default one
};

/// Stands for the Lease of the scheduler name and, holding it, runs the queue. Ends on stop (giving
/// the Lease back), or when the store or the registry goes down: spawn another with new handles.
queue_host_actor spawn_queue_host(caf::actor_system& system, queue_host_options options);

/// What schedulers and queues read of the store's objects: a mirror has to have these resources.
std::vector<std::string> resources_to_mirror();

struct scheduler_options {
  std::string scheduler_name = "default-scheduler";
  std::shared_ptr<store::cache> cache;  ///< of this process; a mirror will do
  store_actor store;
  scheduling_registry_actor registry;
  recorder_actor recorder;                      ///< may be null: no events
  std::string instance;                         ///< of its events: SCHEDULER-HOST
  std::shared_ptr<model::instruments> metrics;  ///< null: nobody looks at them
  model::wall_clock clock = model::system_wall_clock();
  std::uint64_t seed = 0;
  std::uint32_t capacity = 1024;  ///< pods held at a time
  /// How long a reservation may take; no answer by then counts as failed (it is safe to repeat).
  std::chrono::milliseconds timeout{30000};
  std::vector<std::shared_ptr<const model::extender_config>> extenders;
  std::shared_ptr<const model::profile> profile;  ///< of the name; null: the default one
};

/// Decides for the pods of the scheduler name, wherever its queue runs. Ends on stop, or when the
/// store or the registry goes down.
scheduler_host spawn_scheduler(caf::actor_system& system, scheduler_options options);

}  // namespace troupe::scheduler
