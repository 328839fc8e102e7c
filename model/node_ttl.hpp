#pragma once

#include <chrono>
#include <cstddef>

namespace troupe::model {

/// How long kubelets may keep Secrets and ConfigMaps that they have read; decimal seconds. kube's
/// node TTL controller writes it, larger for larger clusters.
inline constexpr const char* node_ttl_annotation = "node.alpha.kubernetes.io/ttl";

/// The time for a cluster of changing size. Steps overlap, so that a cluster whose size moves about
/// a boundary does not change the annotations of all its nodes each time.
class node_ttl {
 public:
  /// Whether the time is another one now.
  bool resize(std::size_t nodes);
  std::chrono::seconds value() const;

 private:
  std::size_t step_ = 0;
};

}  // namespace troupe::model
