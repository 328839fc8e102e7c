#include "cli/commands/snapshot.hpp"

#include "actors/scheduler/scheduler.hpp"
#include "model/object.hpp"
#include "model/scheduling/published_profile.hpp"

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

namespace {

constexpr const char* defaults = "kube-scheduler's default profile";

// What the holder of the Lease has written of its profile; "" if there is none, or none may be
// seen.
std::string published_by_holder(session& s, const std::string& scheduler_name) {
  const auto* leases = model::schema::instance().by_resource("leases.coordination.k8s.io");
  try {
    const auto lease =
        s.find(path_of(*leases, "kube-system", scheduler::lease_name(scheduler_name)));
    return lease ? model::string_at(*lease, {"metadata", "annotations", model::profile_annotation})
                 : std::string();
  } catch (const command_failure& f) {
    if (f.code != 403) throw;
    warn(s.io(), std::string("leases may not be read, and ") + defaults + " decides");
    return {};
  }
}

judge judge_of_cluster(session& s, const scheduler_flags& flags,
                       const std::string& scheduler_name) {
  const auto text = published_by_holder(s, scheduler_name);
  const scheduler::plugin_libraries libraries(flags.plugins);
  if (text.empty()) return {model::profile{}, defaults};
  auto read = model::read_published_profile(text, libraries.known());
  if (const auto* fault = std::get_if<std::string>(&read))
    throw command_failure("error: the profile of the running scheduler " + scheduler_name +
                          " cannot be read: " + *fault + "\n--scheduler-config names another one");
  auto& told = std::get<model::published_profile>(read);
  libraries.equip(told.rules);
  if (told.extenders > 0) warn(s.io(), "the extenders of the running scheduler are not asked");
  for (const auto& name : told.missing)
    warn(s.io(), "plugin " + name +
                     " of the running scheduler is not asked: --scheduler-plugins names its shared "
                     "object");
  return {std::move(told.rules), "the running scheduler's profile"};
}

}  // namespace

judge judge_for(const scheduler_flags& flags, const std::string& scheduler_name, console& io,
                session* cluster) {
  try {
    if (flags.config.empty() && cluster) return judge_of_cluster(*cluster, flags, scheduler_name);
    std::size_t extenders = 0;
    auto rules = profile_for(flags, scheduler_name, extenders);
    if (extenders > 0) warn(io, "the extenders of " + flags.config + " are not asked");
    return {std::move(rules), flags.config.empty() ? defaults : flags.config};
  } catch (const command_failure&) {
    throw;
  } catch (const std::runtime_error& e) {
    throw command_failure(std::string("error: ") + e.what());
  }
}

}  // namespace troupe::cli
