#pragma once

#include "cli/config/settings.hpp"
#include "cli/roles/control_plane.hpp"
#include "cli/roles/parts.hpp"

#include <filesystem>

namespace troupe::cli {

/// Starts the kubelets of `troupe up` (settings up.nodes, kubelet.*) and adds them to `all`.
void start_local_nodes(caf::actor_system& system, const settings& s,
                       const std::filesystem::path& dir, const control_plane& plane, parts& all);

/// The kubelet role: joins, dials the edge door and runs pods until told to stop.
void run_worker(const settings& s, const std::filesystem::path& dir);

}  // namespace troupe::cli
