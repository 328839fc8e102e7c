#pragma once

#include "model/kubelet/runtime.hpp"

#include <memory>
#include <string>

namespace troupe::net::cri {

/// A container runtime that speaks the Container Runtime Interface v1 (containerd, CRI-O) over
/// gRPC. Calls are asynchronous on gRPC's own threads; each has a time-out and fails as unavailable
/// while nobody serves the endpoint.
/// `endpoint`: a gRPC target, "unix:///run/containerd/containerd.sock".
std::shared_ptr<model::kubelet::runtime> connect(const std::string& endpoint);

}  // namespace troupe::net::cri
