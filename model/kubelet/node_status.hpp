#pragma once

#include "model/json.hpp"
#include "model/kubelet/runtime_types.hpp"
#include "model/time.hpp"

namespace troupe::model::kubelet {

/// What of a node pods do not get.
struct node_reserve {
  std::int64_t cpu_milli = 0;
  std::int64_t memory = std::int64_t{100} << 20;  ///< bytes: the default eviction threshold
  std::int64_t disk = 0;                          ///< bytes
  double memory_share = 0, disk_share = 0.1;      ///< beside these, of what there is
};

/// What a node has and is, as its host says.
struct host_info {
  std::int64_t cpus = 0;
  std::int64_t memory = 0;             ///< bytes
  std::int64_t ephemeral_storage = 0;  ///< bytes
  string_map huge_pages;               ///< "hugepages-2Mi" to a quantity
  std::int64_t pods = 110;
  node_reserve reserve;
  std::string hostname, internal_ip;
  std::string machine_id, system_uuid, boot_id, kernel, os_image, architecture;
  std::string runtime_version;  ///< "containerd://1.6.20"
  std::string kubelet_version;  ///< "v1.32.0+troupe-0.1.0"
};

/// How a node does.
struct node_health {
  bool memory_pressure = false, disk_pressure = false, pid_pressure = false;
  bool ready = false;
  std::string message;  ///< why it is not
};

/// A Node to create: its labels and taints, without status.
json node_object(const std::string& name, const string_map& labels, const json& taints,
                 const host_info& host);

/// Its status; conditions keep their transition times from `last` while they do not change.
json node_status(const host_info& host, const node_health& health,
                 const std::vector<image_state>& images, const json& last, time_point now);

/// Whether two statuses differ in more than heartbeat times.
bool differs(const json& a, const json& b);

/// A Lease of the node in kube-node-lease.
json node_lease(const std::string& name, const std::string& node_uid, std::chrono::seconds duration,
                time_point now);

}  // namespace troupe::model::kubelet
