#pragma once

#include "model/object.hpp"
#include "model/scheduling/extender_config.hpp"
#include "model/scheduling/preemption.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/fwd.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::scheduler {

using extender_ptr = std::shared_ptr<const model::extender_config>;

/// What extenders are to be asked about one pod, one after the other. Stays in the process.
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

using consult_atom = caf::atom_constant<caf::atom("consult")>;
using consultation_ptr = std::shared_ptr<const consultation>;

/// Calls extenders over HTTP(S) on threads of its own: (consult_atom, consultation_ptr) -> counsel.
/// At most 16 calls are under way at a time, at most 8 for the same extenders, so that slow ones
/// leave room for the others.
caf::actor spawn_extender_workers(caf::actor_system& system);

}  // namespace troupe::scheduler

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::scheduler::consultation_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::scheduler::counsel)
