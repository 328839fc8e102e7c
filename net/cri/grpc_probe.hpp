#pragma once

#include <chrono>
#include <string>

namespace troupe::net::cri {

/// Asks a server's health service (grpc.health.v1.Health/Check) about `service`, "" being the whole
/// server; blocks, at most for `timeout`. Empty when it serves, else why not, as kubelet words it.
std::string probe_grpc(const std::string& host, int port, const std::string& service,
                       std::chrono::seconds timeout);

}  // namespace troupe::net::cri
