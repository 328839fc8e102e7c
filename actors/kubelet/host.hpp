#pragma once

#include "model/kubelet/eviction.hpp"
#include "model/kubelet/node_status.hpp"
#include "model/kubelet/usage_meter.hpp"

namespace troupe {

/// What this host has and is. `data_dir`'s file system is the ephemeral storage. The runtime's
/// version is left to the caller.
model::kubelet::host_info read_host(const std::string& data_dir, const std::string& node_ip);

/// Memory that could be given away, and process ids that are free; without a capacity: unknown.
model::kubelet::eviction_observation read_memory();
model::kubelet::eviction_observation read_process_ids();

/// The host's cpu time since its start and the memory that cannot be given away.
model::kubelet::usage_sample read_usage(model::time_point now);

/// nameserver, search and options of /etc/resolv.conf.
struct resolver {
  std::vector<std::string> servers, searches, options;
};
resolver read_resolver(const std::string& path = "/etc/resolv.conf");

/// "v1.32.0+troupe-0.1.0"
std::string kubelet_version();

}  // namespace troupe
