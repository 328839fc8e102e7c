#pragma once

#include "model/object.hpp"
#include "model/scheduling/placement_rules.hpp"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::model {

/// Which workloads pods belong to, as PodTopologySpread's default constraints see it: the Services
/// that select them, and the ReplicationController, ReplicaSet or StatefulSet that controls them.
class workload_selectors {
 public:
  /// A Service, ReplicationController, ReplicaSet or StatefulSet is there.
  void put(const object_ptr& workload);
  void remove(const object& workload);
  /// Forgets all of one resource.
  void clear(std::string_view resource);

  /// Whether spread_of() may have anything to say; costs next to nothing.
  bool concerns(const object& pod) const;
  /// The default constraints (of a profile) for the pod: none when it belongs to no workload.
  std::vector<spread_constraint> spread_of(const object& pod,
                                           const std::vector<spread_constraint>& defaults) const;

 private:
  std::unordered_map<std::string, std::map<std::string, string_pairs>> services_;  // by namespace
  std::unordered_map<std::string, object_ptr> owners_;                             // by uid
};

}  // namespace troupe::model
