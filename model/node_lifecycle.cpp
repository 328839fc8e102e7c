#include "model/node_lifecycle.hpp"

#include "model/binding.hpp"
#include "model/selector.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view prefix = "node.kubernetes.io/";
constexpr std::string_view kept[] = {"not-ready",          "unreachable",   "unschedulable",
                                     "memory-pressure",    "disk-pressure", "pid-pressure",
                                     "network-unavailable"};

bool is_kept(const taint& t) {
  return t.key.starts_with(prefix) && t.effect != "PreferNoSchedule" &&
         std::find(std::begin(kept), std::end(kept), t.key.substr(prefix.size())) != std::end(kept);
}

taint kept_taint(std::string_view name, std::string_view effect) {
  return {std::string(prefix).append(name), "", std::string(effect)};
}

bool has(const std::vector<taint>& list, const taint& t) {
  return std::any_of(list.begin(), list.end(),
                     [&](const taint& o) { return o.key == t.key && o.effect == t.effect; });
}

}  // namespace

bool mark_unknown(json& node, time_point now) {
  bool changed = false;
  for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    std::string was;
    for (const json& c : at(node, {"status", "conditions"}))
      if (string_at(c, {"type"}) == type) was = string_at(c, {"status"});
    if (was == "Unknown") continue;
    changed = true;
    if (was.empty())
      set_condition(node, type, "Unknown", now, "NodeStatusNeverUpdated",
                    "Kubelet never posted node status.");
    else
      set_condition(node, type, "Unknown", now, "NodeStatusUnknown",
                    "Kubelet stopped posting node status.");
  }
  return changed;
}

std::vector<taint> lifecycle_taints(const node_view& node) {
  std::vector<taint> want;
  if (node.ready == "False")
    want = {kept_taint("not-ready", "NoSchedule"), kept_taint("not-ready", "NoExecute")};
  else if (node.ready == "Unknown")
    want = {kept_taint("unreachable", "NoSchedule"), kept_taint("unreachable", "NoExecute")};
  else if (node.ready.empty())
    want = {kept_taint("not-ready", "NoSchedule")};
  static constexpr std::pair<std::string_view, std::string_view> pressures[] = {
      {"MemoryPressure", "memory-pressure"},
      {"DiskPressure", "disk-pressure"},
      {"PIDPressure", "pid-pressure"},
      {"NetworkUnavailable", "network-unavailable"}};
  for (const auto& [type, status] : node.conditions)
    for (const auto& [pressure, name] : pressures)
      if (type == pressure && status == "True") want.push_back(kept_taint(name, "NoSchedule"));
  if (node.unschedulable) want.push_back(kept_taint("unschedulable", "NoSchedule"));
  return want;
}

bool has_lifecycle_taints(const node_view& node) {
  const auto want = lifecycle_taints(node);
  return std::all_of(want.begin(), want.end(),
                     [&](const taint& t) { return has(node.taints, t); }) &&
         std::all_of(node.taints.begin(), node.taints.end(),
                     [&](const taint& t) { return !is_kept(t) || has(want, t); });
}

void set_lifecycle_taints(json& node, time_point now) {
  const node_view view(node);
  const auto want = lifecycle_taints(view);
  json taints = json::array();
  for (const json& t : at(node, {"spec", "taints"})) {
    const taint have{string_at(t, {"key"}), string_at(t, {"value"}), string_at(t, {"effect"})};
    if (!is_kept(have) || has(want, have)) taints.push_back(t);
  }
  for (const taint& t : want)
    if (!has(view.taints, t))
      taints.push_back({{"key", t.key}, {"effect", t.effect}, {"timeAdded", to_rfc3339(now)}});
  if (taints.empty())
    node["spec"].erase("taints");
  else
    node["spec"]["taints"] = std::move(taints);
}

}  // namespace troupe::model
