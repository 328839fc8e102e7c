#include "model/service.hpp"

namespace troupe::model {

bool is_headless(const json& spec) {
  const json& ips = at(spec, {"clusterIPs"});
  if (ips.is_array()) return ips.size() == 1 && ips[0] == "None";
  return string_at(spec, {"clusterIP"}) == "None";
}

bool needs_cluster_ip(const json& spec) {
  const std::string type = string_at(spec, {"type"});
  return type == "ClusterIP" || type == "NodePort" || type == "LoadBalancer";
}

bool needs_node_ports(const json& spec) {
  const std::string type = string_at(spec, {"type"});
  return type == "NodePort" ||
         (type == "LoadBalancer" && at(spec, {"allocateLoadBalancerNodePorts"}) != false);
}

bool is_externally_accessible(const json& spec) {
  const std::string type = string_at(spec, {"type"});
  return type == "LoadBalancer" || type == "NodePort" ||
         (type == "ClusterIP" && !at(spec, {"externalIPs"}).empty());
}

bool needs_health_check(const json& spec) {
  return string_at(spec, {"type"}) == "LoadBalancer" &&
         string_at(spec, {"externalTrafficPolicy"}) == "Local";
}

}  // namespace troupe::model
