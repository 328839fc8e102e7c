#pragma once

#include "model/scheduling/config.hpp"
#include "model/scheduling/plugin.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::scheduler {

/// What a shared object and the program that loads it have to agree on: both are built with the
/// same headers. Grows whenever `model::scheduling_plugin` or what it speaks of changes.
inline constexpr unsigned plugin_version = 2;

using plugin_list = std::vector<std::shared_ptr<model::scheduling_plugin>>;

/// The plugins of shared objects (scheduler.plugins).
class plugin_libraries {
 public:
  /// Loads them. Throws std::runtime_error when one is none, or names a plugin that there is
  /// already.
  explicit plugin_libraries(const std::vector<std::string>& paths);

  /// kube-scheduler's plugins and these.
  const model::plugin_registry& known() const { return known_; }
  /// Makes the ones that the profile uses, and gives them their arguments. Throws
  /// std::runtime_error in kube-scheduler's words when they are wrong.
  void equip(model::profile& profile) const;

 private:
  model::plugin_registry known_ = model::in_tree_plugins();
  std::vector<std::function<plugin_list()>> makers_;
};

}  // namespace troupe::scheduler

/// Ends a shared object's source: names a function that makes its plugins anew,
/// troupe::scheduler::plugin_list().
#define TROUPE_SCHEDULING_PLUGINS(make)                                                \
  extern "C" unsigned troupe_scheduling_plugin_version() {                             \
    return troupe::scheduler::plugin_version;                                          \
  }                                                                                    \
  extern "C" void troupe_scheduling_plugin_make(troupe::scheduler::plugin_list& out) { \
    out = make();                                                                      \
  }
