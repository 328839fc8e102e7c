#pragma once

#include "model/kubelet/runtime_types.hpp"
#include "runtime.pb.h"

namespace troupe::net::cri {

namespace pb = ::runtime::v1;

/// Our values as CRI's messages, and back.
pb::PodSandboxConfig to_message(const model::kubelet::sandbox_config& c);
pb::ContainerConfig to_message(const model::kubelet::container_config& c,
                               const model::kubelet::sandbox_config& sandbox);
model::kubelet::sandbox_state from_message(const pb::PodSandboxStatus& m);
model::kubelet::container_state from_message(const pb::ContainerStatus& m);
model::kubelet::image_state from_message(const pb::Image& m);
model::kubelet::container_usage from_message(const pb::ContainerStats& m);

}  // namespace troupe::net::cri
