#include "cli/roles/remote_scheduler.hpp"

#include "actors/edge/peers.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "actors/store/mirror.hpp"
#include "cli/roles/data_dir.hpp"
#include "cli/roles/host.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <thread>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto dial_patience = 5s;
constexpr auto fill_patience = 10s;

// Waits for the first snapshot.
void await_mirror(const mirror_health& health) {
  const auto end = std::chrono::steady_clock::now() + fill_patience;
  while (!health.filled) {
    if (std::chrono::steady_clock::now() > end)
      throw role_error("the peer door does not send its objects");
    std::this_thread::sleep_for(2ms);
  }
}

}  // namespace

remote_scheduler::remote_scheduler(const settings& s, const membership& m)
    : settings_(s),
      scheduling_config_(read_scheduling(s)),
      door_(s, metrics_),
      config_(m.files, static_cast<std::size_t>(s.integer("threads"))),
      system_(config_) {
  const auto address = split_host_port(m.doors.peer);
  if (!address) throw role_error("the control plane has no peer door for schedulers");
  host_ = address->first;
  port_ = address->second;
}

remote_scheduler::~remote_scheduler() {
  disconnect();
}

void remote_scheduler::tend() {
  if (lost_ && *lost_) {
    spdlog::warn("lost the control plane at {}; dialing again", join_host_port(host_, port_));
    disconnect();
  }
  if (running_) return;
  try {
    connect();
    spdlog::info("scheduling for the cluster at {}", join_host_port(host_, port_));
  } catch (const std::runtime_error& e) {
    spdlog::warn("{}", e.what());
    disconnect();
  }
}

void remote_scheduler::connect() {
  const auto handles = edge::dial_peer(system_, host_, port_, dial_patience);
  running_ = std::make_unique<parts>(system_);
  lost_ = std::make_shared<std::atomic<bool>>(false);
  running_->add_actor("watch",
                      edge::watch_peer(system_, handles, [lost = lost_] { *lost = true; }));
  mirror_options o;
  o.cache = std::make_shared<store::cache>();
  o.resources = scheduler::resources_to_mirror();
  const auto mirror = spawn_mirror(system_, o);
  running_->add_actor("mirror", mirror);
  caf::anon_send(mirror, subscribe_atom::value, handles.mirror);
  await_mirror(*o.health);
  schedulers_ = std::make_shared<scheduling>(
      system_, settings_, scheduling_context{o.cache, handles.store, handles.registry, metrics_},
      scheduling_config_);
  running_->add("schedulers", [this] { schedulers_->stop(); });
}

void remote_scheduler::reload() {
  auto config = reread_scheduling(settings_);
  if (!config) return;
  scheduling_config_ = std::move(*config);
  if (running_) schedulers_->restart(scheduling_config_);
}

void remote_scheduler::disconnect() {
  running_.reset();
  schedulers_.reset();
  lost_.reset();
}

}  // namespace troupe::cli
