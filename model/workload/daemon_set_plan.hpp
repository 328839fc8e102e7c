#pragma once

#include "model/workload/daemon_set.hpp"
#include "model/workload/remark.hpp"

#include <map>
#include <vector>

namespace troupe::model {

struct daemon_entry {
  object_ptr object;
  const daemon_pod* facts = nullptr;
};

/// What is to be done for a DaemonSet.
struct daemon_plan {
  std::vector<std::string> created;  ///< nodes to make a pod for
  std::vector<object_ptr> removed;
  std::vector<daemon_entry> failed;  ///< to be removed, too, each node's later and later
  std::vector<remark> remarks;
  json status;
  std::optional<time_point> next;  ///< when the next pod becomes available
};

using node_views = std::map<std::string, std::shared_ptr<const node_view>>;

/// Plans as kube's DaemonSet controller: first each node gets its pod and loses what it should not
/// have; when all is so, a rolling update goes on. `pods`: those of the set. `hash`: the newest
/// revision's.
daemon_plan plan_daemon_set(const daemon_set_view& set, const node_views& nodes,
                            const std::vector<daemon_entry>& pods, const std::string& hash,
                            time_point now);

}  // namespace troupe::model
