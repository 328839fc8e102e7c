#pragma once

#include "model/json.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::model {

// Which plugins a profile of a KubeSchedulerConfiguration runs where (the scheduling framework's
// extension points).

enum class extension_point : std::uint8_t {
  pre_filter,
  filter,
  post_filter,
  reserve,
  pre_score,
  score,
  pre_bind,
  bind,
  post_bind,
  permit,
  pre_enqueue,
  queue_sort
};
/// Their names in a configuration, in the order in which kube-scheduler fills them.
inline constexpr std::array<std::string_view, 12> extension_point_names{
    "preFilter", "filter", "postFilter", "reserve", "preScore",   "score",
    "preBind",   "bind",   "postBind",   "permit",  "preEnqueue", "queueSort"};

/// The points that a plugin extends, as bits (1 << point).
using extension_points = std::uint32_t;
constexpr extension_points bit_of(extension_point p) {
  return 1u << static_cast<unsigned>(p);
}

/// Plugins by name, with the points that they extend.
using plugin_registry = std::map<std::string, extension_points, std::less<>>;
/// Those of kube-scheduler 1.32.
const plugin_registry& in_tree_plugins();

/// What runs, in order, and the weights of what scores.
struct enabled_plugins {
  std::array<std::vector<std::string>, extension_point_names.size()> at;
  std::map<std::string, std::int64_t, std::less<>> weights;

  const std::vector<std::string>& of(extension_point p) const {
    return at[static_cast<std::size_t>(p)];
  }
  bool has(extension_point p, std::string_view name) const;
};

/// kube-scheduler's default plugins with a profile's `plugins` (decoded) laid over them; null: the
/// defaults. In the form of `plugins`.
json merged_plugins(const json& custom);

/// What merged plugins come to; else why such a profile cannot be made, in kube-scheduler's words.
std::variant<enabled_plugins, std::string> expand_plugins(const json& merged,
                                                          const plugin_registry& known,
                                                          const std::string& scheduler_name);

}  // namespace troupe::model
