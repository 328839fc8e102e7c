#pragma once

#include "model/json.hpp"

#include <functional>
#include <string>
#include <vector>

namespace troupe::cli {

/// What a user lets `drain` do.
struct drain_wishes {
  bool force = false;               ///< pods that no controller makes again
  bool ignore_daemon_sets = false;  ///< leave their pods
  bool delete_empty_dirs = false;   ///< pods that lose the data of an emptyDir
};

struct drain_plan {
  std::vector<const model::json*> pods;  ///< to evict
  std::string warning;                   ///< kubectl's words; empty without
  std::string fault;  ///< why the node cannot be drained; then nothing is evicted
};

/// Decides about the pods on a node. `daemon_set_fault` tells why a DaemonSet cannot be found, or
/// "".
drain_plan plan_drain(const std::vector<model::json>& pods, const drain_wishes& wishes,
                      const std::function<std::string(const std::string& ns,
                                                      const std::string& name)>& daemon_set_fault);

}  // namespace troupe::cli
