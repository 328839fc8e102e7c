#pragma once

#include "actors/scheduler/plugin.hpp"
#include "model/scheduling/config.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// The KubeSchedulerConfiguration of a file, its profiles with the plugins of the libraries. Throws
/// std::runtime_error that says what is wrong.
model::scheduler_config read_scheduler_file(const std::string& file,
                                            const scheduler::plugin_libraries& libraries);

/// What commands that ask what a scheduler would do are told of it.
struct scheduler_flags {
  std::string config;                ///< a file; empty: kube-scheduler's defaults
  std::vector<std::string> plugins;  ///< shared objects that it names plugins of
};

/// The profile that pods of this scheduler name are placed by: the file's, or kube-scheduler's
/// default one when there is no file. `extenders`: how many HTTP extenders the file names, which
/// nobody asks here. Throws std::runtime_error: a bad file, or no such profile in it.
model::profile profile_for(const scheduler_flags& flags, const std::string& scheduler_name,
                           std::size_t& extenders);

}  // namespace troupe::cli
