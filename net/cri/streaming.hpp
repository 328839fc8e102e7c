#pragma once

#include "model/kubelet/runtime.hpp"

#include <memory>
#include <string>

namespace troupe::net::cri {

/// Opens the stream that a runtime has prepared for an exec, attach or port-forward: an HTTP
/// address of the runtime's streaming server, to which SPDY is spoken. Runs on a thread of its own.
void open_stream(const std::string& url, const model::kubelet::tunnel_options& options,
                 model::kubelet::tunnel_events events,
                 model::kubelet::done<std::shared_ptr<model::kubelet::tunnel>> f);

}  // namespace troupe::net::cri
