#include "actors/controllers/plugin.hpp"

#include <spdlog/spdlog.h>

#include <dlfcn.h>
#include <stdexcept>

namespace troupe {
namespace {

using version_fn = unsigned();
using make_fn = void(std::vector<std::unique_ptr<controller>>&);

template <class F>
F* symbol(void* library, const char* name, const std::string& path) {
  auto* found = reinterpret_cast<F*>(dlsym(library, name));
  if (!found)
    throw std::runtime_error(path + ": no controllers in it: it lacks TROUPE_CONTROLLERS");
  return found;
}

}  // namespace

std::vector<controller_actor> spawn_plugin(caf::actor_system& sys,
                                           const controller_options& options,
                                           const std::string& path) {
  // Its code runs as long as the process: actors that use it may end late.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  const auto version = symbol<version_fn>(library, "troupe_controller_plugin_version", path)();
  if (version != controller_plugin_version)
    throw std::runtime_error(path + ": it is made for version " + std::to_string(version) +
                             " of controllers; this program has " +
                             std::to_string(controller_plugin_version));
  std::vector<std::unique_ptr<controller>> rules;
  symbol<make_fn>(library, "troupe_controller_plugin_make", path)(rules);
  std::vector<controller_actor> out;
  for (auto& rule : rules) {
    spdlog::info("controller {} of {}", rule->name(), path);
    out.push_back(spawn_controller(sys, options, std::move(rule)));
  }
  return out;
}

}  // namespace troupe
