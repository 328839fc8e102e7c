#include "actors/scheduler/plugin.hpp"

#include <spdlog/spdlog.h>

#include <dlfcn.h>
#include <stdexcept>

namespace troupe::scheduler {
namespace {

using version_fn = unsigned();
using make_fn = void(plugin_list&);

template <class F>
F* symbol(void* library, const char* name, const std::string& path) {
  auto* found = reinterpret_cast<F*>(dlsym(library, name));
  if (!found)
    throw std::runtime_error(path +
                             ": no scheduling plugins in it: it lacks TROUPE_SCHEDULING_PLUGINS");
  return found;
}

std::function<plugin_list()> load(const std::string& path) {
  // Its code runs as long as the process: profiles that use it may end late.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  const auto version = symbol<version_fn>(library, "troupe_scheduling_plugin_version", path)();
  if (version != plugin_version)
    throw std::runtime_error(path + ": it is made for version " + std::to_string(version) +
                             " of scheduling plugins; this program has " +
                             std::to_string(plugin_version));
  return [make = symbol<make_fn>(library, "troupe_scheduling_plugin_make", path)] {
    plugin_list out;
    make(out);
    return out;
  };
}

model::extension_points points_of(const model::scheduling_plugin& p) {
  return (p.is_filter() ? bit_of(model::extension_point::filter) : 0) |
         (p.is_score() ? bit_of(model::extension_point::score) : 0);
}

}  // namespace

plugin_libraries::plugin_libraries(const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    makers_.push_back(load(path));
    for (const auto& plugin : makers_.back()()) {
      const std::string name(plugin->name());
      if (!known_.emplace(name, points_of(*plugin)).second)
        throw std::runtime_error(path + ": a plugin named " + name + " already exists");
      spdlog::info("scheduling plugin {} of {}", name, path);
    }
  }
}

void plugin_libraries::equip(model::profile& profile) const {
  if (profile.custom.empty()) return;
  plugin_list all;
  for (const auto& make : makers_)
    for (auto& plugin : make()) all.push_back(std::move(plugin));
  for (auto& use : profile.custom)
    for (const auto& plugin : all) {
      if (plugin->name() != use.name) continue;
      try {
        plugin->configure(use.args);
      } catch (const std::exception& e) {
        throw std::runtime_error("initializing profiles: creating profile for scheduler name " +
                                 profile.scheduler_name + ": initializing plugin \"" + use.name +
                                 "\": " + e.what());
      }
      use.plugin = plugin;
    }
}

}  // namespace troupe::scheduler
