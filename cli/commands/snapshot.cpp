#include "cli/commands/snapshot.hpp"

#include "model/object.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe::cli {

void read_cluster(session& s, model::cluster_snapshot& to, const std::string& without) {
  for (const auto& resource : model::cluster_snapshot::resources()) {
    const auto* kind = model::schema::instance().by_resource(resource);
    std::vector<model::json> items;
    try {
      items = s.list(path_of(*kind, ""));
    } catch (const command_failure& f) {
      if (f.code != 403 || resource == "nodes" || resource == "pods") throw;
      warn(s.io(), resource + " may not be read, and count as none");
    }
    for (const auto& item : items) {
      auto o = model::seal(model::encode(resource, item), 1);
      if (without.empty() || o->header().uid != without) to.put(o);
    }
  }
}

void add_scheduler(CLI::App& command, scheduler_flags& flags) {
  command.add_option("--scheduler-config", flags.config,
                     "KubeSchedulerConfiguration of the scheduler that would decide");
  command
      .add_option("--scheduler-plugins", flags.plugins, "Shared object with plugins that it names")
      ->allow_extra_args(false);
}

model::profile rules_for(const scheduler_flags& flags, const std::string& scheduler_name,
                         console& io) {
  try {
    std::size_t extenders = 0;
    auto rules = profile_for(flags, scheduler_name, extenders);
    if (extenders > 0) warn(io, "the extenders of " + flags.config + " are not asked");
    return rules;
  } catch (const std::runtime_error& e) {
    throw command_failure(std::string("error: ") + e.what());
  }
}

}  // namespace troupe::cli
