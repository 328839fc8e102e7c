#include "cli/roles/scheduling.hpp"

#include "actors/events/recorder.hpp"
#include "actors/scheduler/plugin.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "cli/config/scheduler_file.hpp"
#include "cli/roles/host.hpp"
#include "model/random.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace troupe::cli {
namespace {

// One name for the whole life of the process: a Lease that it held before its control plane was
// restarted is still its own.
const std::string& lease_identity() {
  static const std::string identity = new_identity();
  return identity;
}

model::scheduler_config default_scheduling(const settings& s) {
  model::scheduler_config out;
  out.profiles.front().scheduler_name = s.string("scheduler.name");
  out.lease_duration = s.duration("scheduler.leaseDuration");
  out.renew_deadline = out.lease_duration * 2 / 3;
  out.retry_period = out.lease_duration * 2 / 15;
  return out;
}

scheduler::plugin_libraries load_plugins(const settings& s) {
  try {
    return scheduler::plugin_libraries(s.list("scheduler.plugins"));
  } catch (const std::runtime_error& e) {
    throw s.error("scheduler.plugins", e.what());
  }
}

}  // namespace

model::scheduler_config read_scheduling(const settings& s) {
  const auto& file = s.string("scheduler.config");
  if (file.empty()) return default_scheduling(s);
  const auto libraries = load_plugins(s);
  model::scheduler_config config;
  try {
    config = read_scheduler_file(file, libraries);
  } catch (const std::runtime_error& e) {
    throw s.error("scheduler.config", e.what());
  }
  const auto& name = s.string("scheduler.name");
  const bool known = std::any_of(config.profiles.begin(), config.profiles.end(),
                                 [&](const auto& p) { return p.scheduler_name == name; });
  if (s.given("scheduler.name") && !known)
    throw s.error("scheduler.name", "\"" + name + "\" is no profile of " + file);
  return config;
}

std::optional<model::scheduler_config> reread_scheduling(const settings& s) {
  if (s.string("scheduler.config").empty()) {
    spdlog::info("SIGHUP: there is no scheduler.config to read again");
    return std::nullopt;
  }
  try {
    auto config = read_scheduling(s);
    spdlog::info("schedulers go by {} as it is now", s.string("scheduler.config"));
    return config;
  } catch (const config_error& e) {
    spdlog::error("{}; schedulers go on as they were", e.what());
    return std::nullopt;
  }
}

scheduling::scheduling(caf::actor_system& system, const settings& s, scheduling_context context,
                       const model::scheduler_config& config)
    : system_(system), settings_(s), context_(std::move(context)) {
  start(config);
}

void scheduling::restart(const model::scheduler_config& config) {
  stop();
  start(config);
}

void scheduling::stop() {
  running_.reset();
}

void scheduling::start(const model::scheduler_config& config) {
  running_ = std::make_unique<parts>(system_);
  for (const auto& profile : config.profiles) start(config, profile);
}

void scheduling::start(const model::scheduler_config& config, const model::profile& profile) {
  const auto& name = profile.scheduler_name;
  const auto shared = std::make_shared<const model::profile>(profile);
  model::random_source random{model::entropy_seed()};
  events::recorder_options events;
  events.store = context_.store;
  events.seed = random.next();
  const auto recorder = events::spawn_recorder(system_, events);
  running_->add_stopping("event recorder of " + name, recorder);

  const std::string instance = name + "-" + host_name();
  scheduler::queue_host_options queue;
  queue.scheduler_name = name;
  queue.identity = lease_identity();
  queue.cache = context_.cache;
  queue.store = context_.store;
  queue.registry = context_.registry;
  queue.recorder = recorder;
  queue.instance = instance;
  queue.metrics = context_.metrics;
  queue.seed = random.next();
  queue.lease_duration = config.lease_duration;
  queue.renew_deadline = config.renew_deadline;
  queue.retry_period = config.retry_period;
  queue.initial_backoff = config.initial_backoff;
  queue.max_backoff = config.max_backoff;
  queue.profile = shared;

  for (std::int64_t i = 0; i < settings_.integer("scheduler.count"); ++i) {
    scheduler::scheduler_options o;
    o.scheduler_name = name;
    o.cache = context_.cache;
    o.store = context_.store;
    o.registry = context_.registry;
    o.recorder = recorder;
    o.instance = instance;
    o.metrics = context_.metrics;
    o.seed = random.next();
    o.profile = shared;
    for (const auto& e : config.extenders)
      o.extenders.push_back(std::make_shared<const model::extender_config>(e));
    running_->add_stopping("scheduler " + name, scheduler::spawn_scheduler(system_, std::move(o)));
  }
  // Added last, so that it stops first and gives its Lease back while all still works.
  running_->add_stopping("queue " + name, scheduler::spawn_queue_host(system_, std::move(queue)));
}

}  // namespace troupe::cli
