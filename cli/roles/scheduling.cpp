#include "cli/roles/scheduling.hpp"

#include "actors/events/recorder.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "cli/roles/host.hpp"
#include "model/random.hpp"

namespace troupe::cli {
namespace {

// One name for the whole life of the process: a Lease that it held before its control plane was
// restarted is still its own.
const std::string& lease_identity() {
  static const std::string identity =
      host_name() + "_" + model::random_source{model::entropy_seed()}.uuid();
  return identity;
}

}  // namespace

void start_scheduling(caf::actor_system& system, const settings& s,
                      const scheduling_context& context, parts& all) {
  const auto& name = s.string("scheduler.name");
  model::random_source random{model::entropy_seed()};
  events::recorder_options events;
  events.store = context.store;
  events.seed = random.next();
  const auto recorder = events::spawn_recorder(system, events);
  all.add_stopping("event recorder of " + name, recorder);

  scheduler::queue_host_options queue;
  queue.scheduler_name = name;
  queue.identity = lease_identity();
  queue.cache = context.cache;
  queue.store = context.store;
  queue.registry = context.registry;
  queue.recorder = recorder;
  queue.seed = random.next();
  queue.lease_duration = s.duration("scheduler.leaseDuration");
  queue.renew_deadline = queue.lease_duration * 2 / 3;
  queue.retry_period = queue.lease_duration * 2 / 15;

  for (std::int64_t i = 0; i < s.integer("scheduler.count"); ++i) {
    scheduler::scheduler_options o;
    o.scheduler_name = name;
    o.cache = context.cache;
    o.store = context.store;
    o.registry = context.registry;
    o.recorder = recorder;
    o.seed = random.next();
    all.add_stopping("scheduler " + name, scheduler::spawn_scheduler(system, std::move(o)));
  }
  // Added last, so that it stops first and gives its Lease back while all still works.
  all.add_stopping("queue " + name, scheduler::spawn_queue_host(system, std::move(queue)));
}

}  // namespace troupe::cli
