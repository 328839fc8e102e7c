#pragma once

#include "actors/edge/edge.hpp"
#include "cli/client/join.hpp"
#include "cli/config/settings.hpp"
#include "cli/roles/metrics_door.hpp"
#include "cli/roles/parts.hpp"
#include "cli/roles/scheduling.hpp"

#include <atomic>
#include <memory>

namespace troupe::cli {

/// Schedulers of a process without a store: dials the peer door, mirrors what they read, and starts
/// them; starts over when the door is lost. Used by one thread.
class remote_scheduler {
 public:
  remote_scheduler(const settings& s, const membership& m);
  ~remote_scheduler();

  /// Connects when it is time to; call now and then.
  void tend();
  /// Schedulers go by what settings say now, if that is right.
  void reload();

 private:
  void connect();
  void disconnect();

  const settings& settings_;
  model::scheduler_config scheduling_config_;  // the last one that was right
  const std::shared_ptr<model::instruments> metrics_ = std::make_shared<model::instruments>();
  metrics_door door_;
  std::string host_;
  std::uint16_t port_ = 0;
  edge::network_config config_;
  caf::actor_system system_;
  std::unique_ptr<parts> running_;
  std::shared_ptr<scheduling> schedulers_;  // one of `running_`
  std::shared_ptr<std::atomic<bool>> lost_;
};

}  // namespace troupe::cli
