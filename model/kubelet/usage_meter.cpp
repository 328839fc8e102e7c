#include "model/kubelet/usage_meter.hpp"

#include <map>
#include <set>

namespace troupe::model::kubelet {

std::optional<std::int64_t> usage_meter::rate(const std::string& id, const usage_sample& now) {
  seen_[id] = now;
  const auto last = before_.find(id);
  // A counter that went back counts something else.
  if (last == before_.end() || last->second.core_ns > now.core_ns) return std::nullopt;
  if (last->second.at >= now.at) {
    seen_[id] = last->second;  // the runtime has not read it anew
    return std::nullopt;
  }
  const auto used = static_cast<double>(now.core_ns - last->second.core_ns);
  return static_cast<std::int64_t>(used / static_cast<double>(now.at - last->second.at) * 1e9);
}

node_figures usage_meter::measure(const std::vector<container_usage>& containers,
                                  const std::optional<usage_sample>& host,
                                  std::chrono::seconds window) {
  std::map<std::pair<std::string, std::string>, std::map<std::string, figure>> pods;
  std::set<std::pair<std::string, std::string>> unknown;
  for (const auto& c : containers) {
    if (c.pod.empty()) continue;  // none of a kubelet's
    auto cpu = rate(c.id, {c.core_ns, c.at, c.memory});
    if (c.nano_cores) cpu = static_cast<std::int64_t>(*c.nano_cores);
    if (cpu)
      pods[{c.ns, c.pod}][c.name] = {*cpu, static_cast<std::int64_t>(c.memory)};
    else
      unknown.insert({c.ns, c.pod});
  }
  node_figures out;
  out.window = window;
  out.node = simulated_system;
  for (auto& [place, figures] : pods) {
    for (const auto& [name, use] : figures) out.node += use;
    if (unknown.contains(place)) continue;
    auto& pod = out.pods.emplace_back(pod_figures{place.first, place.second, {}});
    for (const auto& [name, use] : figures) pod.containers.push_back({name, use});
  }
  if (host) out.node = {rate({}, *host).value_or(0), static_cast<std::int64_t>(host->memory)};
  before_ = std::exchange(seen_, {});
  return out;
}

}  // namespace troupe::model::kubelet
