#pragma once

#include "cli/commands/session.hpp"
#include "cli/config/scheduler_file.hpp"
#include "model/scheduling/cluster_snapshot.hpp"

#include <string>

namespace troupe::cli {

/// Reads into `to` what a scheduler knows of the cluster (without finish()), but for the pod of the
/// uid `without`. What may not be read counts as nothing, with a warning; nodes and pods have to
/// be.
void read_cluster(session& s, model::cluster_snapshot& to, const std::string& without = {});

/// Adds --scheduler-config and --scheduler-plugins.
void add_scheduler(CLI::App& command, scheduler_flags& flags);
/// The profile that these flags give pods of the scheduler name. Warns of extenders, which are not
/// asked; throws command_failure when there is no such profile.
model::profile rules_for(const scheduler_flags& flags, const std::string& scheduler_name,
                         console& io);

}  // namespace troupe::cli
