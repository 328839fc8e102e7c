#pragma once

#include "model/kubelet/node_status.hpp"
#include "model/kubelet/runtime.hpp"
#include "model/time.hpp"

#include <caf/actor.hpp>

#include <memory>

namespace troupe {

/// How long a simulated node takes; each time is drawn evenly between half and one and a half of
/// the figure.
struct hollow_options {
  std::string node_name;
  uint64_t seed = 0;
  model::wall_clock clock = model::system_wall_clock();
  caf::actor timers;  ///< from spawn_hollow_timers(), shared by a process's nodes; none: its own
  std::chrono::milliseconds pull{800}, sandbox{150}, create{30}, start{50}, stop{100};
};

/// Containers that exist as a few bytes: they start and stop with realistic timing and run until
/// they are told to stop; commands that are known to end (true, false, sleep, exit) end so, and
/// with the pod's annotation `troupe.dev/run-seconds` all run for so long and end with
/// `troupe.dev/exit-code` (0). Each container seems to use a share of what it asks for, always the
/// same, or what the pod's annotations `troupe.dev/use-cpu` and `troupe.dev/use-memory` say now
/// (quantities). Images of registries below ".invalid" cannot be pulled.
/// Needs no thread.
std::shared_ptr<model::kubelet::runtime> make_hollow_runtime(caf::actor_system& system,
                                                             hollow_options options);

/// Does for simulated nodes what is due later, on a grid of 5 ms: one timer of the system for all
/// of them, where one a step costs a tenth of a CPU at a thousand pods a second. Ends with the last
/// node that holds it.
caf::actor spawn_hollow_timers(caf::actor_system& system);

/// What a simulated node has: 32 cpus, 128 GiB.
model::kubelet::host_info hollow_host(const std::string& node_name);

}  // namespace troupe
