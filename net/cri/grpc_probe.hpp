#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace troupe::net::cri {

/// Asks a server's health service (grpc.health.v1.Health/Check) about `service`, "" being the whole
/// server, and waits for at most `timeout`. `told` hears nothing when it serves, else why not, as
/// kubelet words it: once, on a thread of gRPC's.
void probe_grpc(const std::string& host, int port, const std::string& service,
                std::chrono::seconds timeout, std::function<void(std::string)> told);

}  // namespace troupe::net::cri
