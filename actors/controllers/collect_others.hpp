#pragma once

#include "actors/controllers/other_servers.hpp"
#include "actors/controllers/owner_graph.hpp"

namespace troupe {

/// How often the objects of other servers are looked through: nobody tells of their changes.
inline constexpr std::chrono::seconds others_interval{30};

/// One pass of the garbage collector over the objects of other servers: deletes those that have
/// lost all their owners, and lets those go whose deletion waits for their dependents. Nothing is
/// done where a server does not answer. `graph` knows the dependents that are served here, and
/// outlives the pass.
void collect_others(controller_host& host, const owner_graph& graph,
                    std::function<void(outcome)> done);

}  // namespace troupe
