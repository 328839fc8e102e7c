#pragma once

#include "model/object.hpp"
#include "model/scheduling/extender_config.hpp"
#include "model/scheduling/preemption.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::scheduler {

using extender_ptr = std::shared_ptr<const model::extender_config>;

/// What extenders are to be asked about one pod, one after the other.
struct consultation {
  model::object_ptr pod;
  std::vector<extender_ptr> extenders;   ///< those that are interested
  std::vector<model::object_ptr> nodes;  ///< that may take the pod
  extender_ptr binder;                   ///< set: it binds the pod to `node`, nothing else
  std::string node;
  /// Not empty: whom the pod may preempt is asked, nothing else.
  std::vector<model::preemption_candidate> candidates;
};

/// What they said.
struct counsel {
  std::string error;  ///< the pod cannot be placed now, in kube-scheduler's words; empty: it can
  std::map<std::string, std::int64_t> scores;           ///< of the nodes that are left
  std::map<std::string, std::string> failed;            ///< why others may not
  std::map<std::string, std::string> unresolvable;      ///< ... though pods were evicted
  std::vector<model::preemption_candidate> candidates;  ///< those that are left
};

using consultation_ptr = std::shared_ptr<const consultation>;

/// Calls the extenders over HTTP(S), and blocks for as long as they take, each at most its
/// time-out.
counsel consult(const consultation& c);
/// Who is called, among those that may be slow.
std::string name_of(const consultation& c);

}  // namespace troupe::scheduler
