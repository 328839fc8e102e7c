#pragma once

#include "model/kubelet/tunnel.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace troupe {

/// Runs its argument after a time.
using hollow_timer = std::function<void(std::chrono::milliseconds, std::function<void()>)>;

/// A command that a simulated container executes (model::kubelet::hollow_program). `ended` hears
/// its exit code.
std::shared_ptr<model::kubelet::tunnel> open_hollow_command(
    const std::vector<std::string>& command_line, const model::kubelet::tunnel_options& options,
    model::kubelet::tunnel_events events, hollow_timer timer, std::function<void(int)> ended);

/// Connections to a simulated pod: what comes to one of the ports is sent back, others refuse.
std::shared_ptr<model::kubelet::tunnel> open_hollow_ports(std::set<std::string> echo_ports,
                                                          model::kubelet::tunnel_events events);

/// The port that a program sends back what comes to: that of nc -lk -p PORT -e cat; else "".
std::string echo_port(const std::vector<std::string>& command_line);

}  // namespace troupe
