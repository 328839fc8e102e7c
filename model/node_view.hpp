#pragma once

#include "model/object.hpp"
#include "model/scheduling/resources.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace troupe::model {

struct taint {
  std::string key;
  std::string value;
  std::string effect;  ///< NoSchedule, PreferNoSchedule, NoExecute
  bool operator==(const taint&) const = default;
};

/// What is read of a Node: object::view<node_view>().
struct node_view {
  explicit node_view(const object& node);
  explicit node_view(const json& document);

  std::string name;
  string_pairs labels;  ///< sorted
  resources allocatable;
  std::vector<taint> taints;
  bool unschedulable = false;
  string_pairs conditions;  ///< type and status, as listed
  std::string ready;  ///< status of the condition Ready: "True", "False", "Unknown", or "" without
  std::string zone;   ///< label topology.kubernetes.io/zone
  std::vector<std::pair<std::string, std::int64_t>> images;  ///< name and bytes, sorted by name

  /// Whether a scheduler would judge the node the same.
  bool same_for_scheduling(const node_view& o) const;
};

}  // namespace troupe::model
