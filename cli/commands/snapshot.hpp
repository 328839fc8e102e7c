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
/// By what pods of a scheduler name are judged.
struct judge {
  model::profile rules;
  std::string whose;  ///< for people: "FILE", "the running scheduler's profile", ...
};
/// What these flags give pods of the scheduler name. Without a file: what the holder of the name's
/// Lease says that it goes by, if there is a cluster to ask (else null), and else kube-scheduler's
/// default profile. Warns of what has a say and is not asked; throws command_failure when there is
/// no such profile.
judge judge_for(const scheduler_flags& flags, const std::string& scheduler_name, console& io,
                session* cluster);

}  // namespace troupe::cli
