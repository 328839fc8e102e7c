#pragma once

#include "cli/commands/session.hpp"
#include "model/scheduling/cluster_snapshot.hpp"

#include <string>

namespace troupe::cli {

/// Reads into `to` what a scheduler knows of the cluster (without finish()), but for the pod of the
/// uid `without`. What may not be read counts as nothing, with a warning; nodes and pods have to
/// be.
void read_cluster(session& s, model::cluster_snapshot& to, const std::string& without = {});

}  // namespace troupe::cli
