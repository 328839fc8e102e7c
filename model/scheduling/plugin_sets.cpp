#include "model/scheduling/plugin_sets.hpp"

#include "model/validation/path.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

constexpr std::string_view multi_point = "multiPoint";
constexpr std::string_view everything = "*";

// What Go calls the interfaces of the points, in the same order.
constexpr std::array<std::string_view, extension_point_names.size()> interfaces{
    "PreFilterPlugin", "FilterPlugin", "PostFilterPlugin", "ReservePlugin",
    "PreScorePlugin",  "ScorePlugin",  "PreBindPlugin",    "BindPlugin",
    "PostBindPlugin",  "PermitPlugin", "PreEnqueuePlugin", "QueueSortPlugin"};

template <class... Points>
constexpr extension_points points(Points... all) {
  return (bit_of(all) | ...);
}

struct default_plugin {
  const char* name;
  int weight;  // 0: it does not score, or by 1
};
constexpr default_plugin default_plugins[] = {
    {"SchedulingGates", 0},    {"PrioritySort", 0},
    {"NodeUnschedulable", 0},  {"NodeName", 0},
    {"TaintToleration", 3},    {"NodeAffinity", 2},
    {"NodePorts", 0},          {"NodeResourcesFit", 1},
    {"VolumeRestrictions", 0}, {"NodeVolumeLimits", 0},
    {"VolumeBinding", 0},      {"VolumeZone", 0},
    {"PodTopologySpread", 2},  {"InterPodAffinity", 2},
    {"DefaultPreemption", 0},  {"NodeResourcesBalancedAllocation", 1},
    {"ImageLocality", 1},      {"DefaultBinder", 0}};

std::vector<std::string> names_of(const json& set, const char* list) {
  std::vector<std::string> out;
  for (const json& p : items_of(set, list)) out.emplace_back(text_of(p, "name"));
  return out;
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// A default set with a custom one laid over it: disabled plugins go, those that are named again
// are replaced where they stand, others come behind.
json merged_set(const json& defaults, const json& custom) {
  const auto disabled = names_of(custom, "disabled");
  const auto& ours = items_of(custom, "enabled");
  std::set<std::size_t> used;
  json enabled = json::array();
  if (!contains(disabled, everything))
    for (const json& p : items_of(defaults, "enabled")) {
      const auto name = text_of(p, "name");
      if (contains(disabled, name)) continue;
      const json* chosen = &p;
      for (std::size_t i = 0; i < ours.size(); ++i)
        if (text_of(ours[i], "name") == name) chosen = &ours[i];
      if (chosen != &p) used.insert(static_cast<std::size_t>(chosen - ours.data()));
      enabled.push_back(*chosen);
    }
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (!used.contains(i)) enabled.push_back(ours[i]);
  json out = {{"enabled", std::move(enabled)}};
  if (!disabled.empty()) out["disabled"] = value_of(custom, "disabled");
  return out;
}

/// Fills the points of one profile.
class expansion {
  using enum extension_point;

 public:
  expansion(const json& merged, const plugin_registry& known) : merged_(merged), known_(known) {}

  /// What is wrong with the profile, or "".
  std::string run(enabled_plugins& out) {
    for (std::size_t i = 0; i < extension_point_names.size(); ++i)
      if (auto fault = take_own(i, out.at[i]); !fault.empty()) return fault;
    if (!items_of(value_of(merged_, multi_point.data()), "enabled").empty())
      for (std::size_t i = 0; i < extension_point_names.size(); ++i)
        if (auto fault = add_multi(i, out.at[i]); !fault.empty()) return fault;
    return {};
  }

  void weigh(enabled_plugins& out) const {
    for (const char* point : {"score", multi_point.data()})
      for (const json& p : items_of(value_of(merged_, point), "enabled")) {
        const auto known = known_.find(text_of(p, "name"));
        if (known == known_.end() || !(known->second & bit_of(score))) continue;
        const auto weight = integer_of(p, "weight");
        out.weights.try_emplace(known->first, weight == 0 ? 1 : weight);
      }
  }

 private:
  const json& set_of(std::size_t point) const {
    return value_of(merged_, extension_point_names[point].data());
  }
  bool extends(std::string_view name, std::size_t point) const {
    const auto found = known_.find(name);
    return found != known_.end() && (found->second >> point & 1) != 0;
  }
  std::string missing(std::string_view name, std::size_t point) const {
    return std::string(interfaces[point]) + " " + in_quotes(name) + " does not exist";
  }
  static std::string twice(std::string_view name, std::size_t point) {
    return "plugin " + in_quotes(name) + " already registered as " + in_quotes(interfaces[point]);
  }

  std::string take_own(std::size_t point, std::vector<std::string>& to) const {
    for (auto& name : names_of(set_of(point), "enabled")) {
      if (!known_.contains(name)) return missing(name, point);
      if (!extends(name, point))
        return "plugin " + in_quotes(name) + " does not extend " + std::string(interfaces[point]) +
               " plugin";
      if (contains(to, name)) return twice(name, point);
      to.push_back(std::move(name));
    }
    return {};
  }

  // What is enabled at all points it extends, unless the point itself says otherwise. Those that
  // the point overrides come first, its further ones last.
  std::string add_multi(std::size_t point, std::vector<std::string>& to) const {
    const auto own = std::move(to);
    to = {};
    const auto disabled = names_of(set_of(point), "disabled");
    if (contains(disabled, everything)) {
      to = own;
      return {};
    }
    std::vector<std::string> overridden, added;
    for (const auto& name : names_of(value_of(merged_, multi_point.data()), "enabled")) {
      if (!known_.contains(name)) return missing(name, point);
      if (!extends(name, point) || contains(disabled, name)) continue;
      if (contains(own, name)) {
        overridden.push_back(name);
        continue;
      }
      if (contains(added, name)) return twice(name, point);
      added.push_back(name);
    }
    for (const auto& name : own)
      if (contains(overridden, name)) to.push_back(name);
    to.insert(to.end(), added.begin(), added.end());
    for (const auto& name : own)
      if (!contains(overridden, name)) to.push_back(name);
    return {};
  }

  const json& merged_;
  const plugin_registry& known_;
};

}  // namespace

const plugin_registry& in_tree_plugins() {
  using enum extension_point;
  static const plugin_registry all{
      {"DefaultBinder", points(bind)},
      {"DefaultPreemption", points(post_filter)},
      {"DynamicResources", points(pre_enqueue, pre_filter, filter, post_filter, reserve, pre_bind)},
      {"ImageLocality", points(score)},
      {"InterPodAffinity", points(pre_filter, filter, pre_score, score)},
      {"NodeAffinity", points(pre_filter, filter, pre_score, score)},
      {"NodeName", points(filter)},
      {"NodePorts", points(pre_filter, filter)},
      {"NodeResourcesBalancedAllocation", points(pre_score, score)},
      {"NodeResourcesFit", points(pre_filter, filter, pre_score, score)},
      {"NodeUnschedulable", points(filter)},
      {"NodeVolumeLimits", points(pre_filter, filter)},
      {"PodTopologySpread", points(pre_filter, filter, pre_score, score)},
      {"PrioritySort", points(queue_sort)},
      {"SchedulingGates", points(pre_enqueue)},
      {"TaintToleration", points(filter, pre_score, score)},
      {"VolumeBinding", points(pre_filter, filter, reserve, pre_bind, pre_score, score)},
      {"VolumeRestrictions", points(pre_filter, filter)},
      {"VolumeZone", points(pre_filter, filter)}};
  return all;
}

bool enabled_plugins::has(extension_point p, std::string_view name) const {
  return contains(of(p), name);
}

json merged_plugins(const json& custom) {
  json defaults = json::array();
  for (const auto& p : default_plugins) {
    defaults.push_back({{"name", p.name}});
    if (p.weight != 0) defaults.back()["weight"] = p.weight;
  }
  json out;
  out[multi_point] =
      merged_set({{"enabled", std::move(defaults)}}, value_of(custom, multi_point.data()));
  for (const auto point : extension_point_names)
    out[point] = merged_set(json::object(), value_of(custom, point.data()));
  return out;
}

std::variant<enabled_plugins, std::string> expand_plugins(const json& merged,
                                                          const plugin_registry& known,
                                                          const std::string& scheduler_name) {
  using enum extension_point;
  enabled_plugins out;
  expansion e(merged, known);
  if (auto fault = e.run(out); !fault.empty()) return fault;
  if (const auto n = out.of(queue_sort).size(); n != 1)
    return "only one queue sort plugin required for profile with scheduler name " +
           in_quotes(scheduler_name) + ", but got " + std::to_string(n);
  if (out.of(bind).empty())
    return "at least one bind plugin is needed for profile with scheduler name " +
           in_quotes(scheduler_name);
  e.weigh(out);
  return out;
}

}  // namespace troupe::model
