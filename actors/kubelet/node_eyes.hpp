#pragma once

#include "model/kubelet/eviction.hpp"

#include <memory>
#include <string>

namespace troupe {

/// What there is on a node.
struct node_figures {
  model::kubelet::eviction_observations seen;
  /// The file system of images and containers' layers.
  model::kubelet::eviction_observation images;
  bool image_disk = false;  ///< it is not that of pods' volumes and logs
};

/// Where a pod's files are.
struct pod_place {
  std::string directory, logs;
};

/// Looks at what there is and what pods use. Both may block, and are called by one thread.
class node_eyes {
 public:
  virtual ~node_eyes() = default;
  /// `images`: where the runtime keeps them; empty: where the kubelet keeps its own.
  virtual node_figures look(const std::string& images) = 0;
  /// Adds what a pod has on disk beside its containers' layers.
  virtual void measure(const pod_place& place, model::kubelet::pod_share& share) = 0;
  /// How many processes run in a container.
  virtual std::int64_t processes_of(const std::string& container) = 0;
};

/// Those of the host; `data_dir` has the pods' volumes and logs.
std::shared_ptr<node_eyes> host_eyes(std::string data_dir);

}  // namespace troupe
