#pragma once

#include "model/kubelet/fields.hpp"
#include "model/kubelet/pod_spec.hpp"
#include "model/kubelet/runtime_types.hpp"

namespace troupe::model::kubelet {

/// What of the node goes into its pods.
struct node_facts {
  pod_facts pod;
  std::string log_root;     ///< pods' logs lie in log_root/NS_NAME_UID/
  std::int64_t memory = 0;  ///< bytes of the node, for OOM scores
  std::vector<std::string> dns_servers, dns_searches,
      dns_options;                               ///< of the host, for dnsPolicy Default
  std::vector<std::string> cluster_dns;          ///< name servers of dnsPolicy ClusterFirst
  std::string cluster_domain = "cluster.local";  ///< pods' names end so
};

/// The directory of a pod's container logs.
std::string log_directory(const std::string& log_root, const json& pod);

/// What follows the host name in a pod's full name: "sub.ns.svc.cluster.local"; empty without a
/// spec.subdomain.
std::string domain_of(const json& pod, const node_facts& node);

/// The sandbox of a pod.
sandbox_config make_sandbox(const json& pod, std::uint32_t attempt, const node_facts& node);

/// ConfigMaps and Secrets that a container's environment speaks of.
std::vector<data_reference> environment_references(const json& container);

/// Where a volume lies on the host; read_only when the pod may only read it.
struct volume_source {
  std::string host_path;
  bool read_only = false;
};
using volume_map = std::map<std::string, volume_source>;

/// A container, or why it cannot be made: the message of CreateContainerConfigError.
struct container_plan {
  container_config config;
  std::string error;
};

/// `image` tells whose user the container runs as when it must not be root.
container_plan make_container(const json& pod, const container_spec& c, std::uint32_t attempt,
                              const node_facts& node, const volume_map& volumes,
                              const object_lookup& objects,
                              const std::optional<image_state>& image);

}  // namespace troupe::model::kubelet
