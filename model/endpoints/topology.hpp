#pragma once

#include "model/node_view.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::model {

// Topology aware routing: endpoints are shared out to zones by the CPUs of the zones' nodes
// (kube's topologycache).

/// The CPUs of zones, as far as nodes are ready and no control plane.
class zone_cpus {
 public:
  /// Whether the shares of zones may have changed.
  bool put(const node_view& node);
  bool remove(const std::string& node);
  void clear() { *this = {}; }

  /// Whether each node says its zone and its CPUs.
  bool complete() const { return incomplete_ == 0 && !zones_.empty(); }
  /// Milli-CPUs by zone.
  const std::map<std::string, std::int64_t>& zones() const { return zones_; }

 private:
  struct part {
    std::string zone;
    std::int64_t cpu = 0;
    bool operator==(const part&) const = default;
    bool whole() const { return !zone.empty() && cpu > 0; }
  };
  void count(const part& p, int sign);

  std::map<std::string, part> nodes_;
  std::map<std::string, std::int64_t> zones_;
  std::size_t incomplete_ = 0;  ///< nodes that lack something
};

/// Whether the service asks for it (service.kubernetes.io/topology-mode: Auto).
bool wants_topology_hints(const json& service);

/// Hints the endpoints that are ready (discovery.k8s.io/v1 Endpoint) to zones, each to its own as
/// far as no zone gets a fifth more than its share. Empty, or why there are no hints.
std::string hint_topology(const std::vector<json*>& endpoints, const zone_cpus& cpus);

}  // namespace troupe::model
