#include "model/endpoints/topology.hpp"

#include "model/json.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::model {
namespace {

// What a zone may have above its share.
constexpr double overload_threshold = 0.2;

bool has_label(const node_view& node, std::string_view key) {
  return std::any_of(node.labels.begin(), node.labels.end(),
                     [&](const auto& label) { return label.first == key; });
}

json hint_to(const std::string& zone) {
  json near = json::object();
  near["name"] = zone;
  json out = json::object();
  out["forZones"] = json::array({std::move(near)});
  return out;
}

// How many endpoints each zone should have, at least what keeps the others' load bearable.
std::string share_out(const zone_cpus& cpus, std::size_t endpoints,
                      std::map<std::string, double>& shares) {
  if (!cpus.complete())
    return "Insufficient Node information: allocatable CPU or zone not specified on one or more "
           "nodes";
  const auto& zones = cpus.zones();
  if (zones.size() < 2) return "Nodes only ready in one zone";
  if (zones.size() > endpoints) return "Insufficient number of endpoints";
  std::int64_t total = 0;
  for (const auto& [zone, cpu] : zones) total += cpu;
  auto left = static_cast<std::int64_t>(endpoints);
  for (const auto& [zone, cpu] : zones) {
    const double share =
        static_cast<double>(cpu) / static_cast<double>(total) * static_cast<double>(endpoints);
    const auto least = static_cast<std::int64_t>(std::ceil(share / (1 + overload_threshold)));
    shares[zone] = std::max(share, static_cast<double>(least));
    left -= least;
    if (left < 0)
      return "Unable to allocate minimum required endpoints to each zone without exceeding "
             "overload threshold";
  }
  return {};
}

using differences = std::map<std::string, double>;

differences::iterator largest(differences& of) {
  return std::max_element(of.begin(), of.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; });
}

// Which zones give how many endpoints, and which get them.
void trade(differences giving, differences receiving, std::map<std::string, int>& gives,
           std::map<std::string, int>& receives) {
  while (!giving.empty() && !receiving.empty()) {
    const auto from = largest(giving);
    const auto to = largest(receiving);
    // Less than a whole endpoint is moved only where it is whole on one side.
    if ((from->second < 1 && to->second < 1) || from->second < 0.5 || to->second < 0.5) return;
    ++gives[from->first];
    ++receives[to->first];
    --from->second;
    --to->second;
  }
}

bool hint_zones(const std::vector<json*>& ready, const std::map<std::string, double>& shares) {
  std::map<std::string, double> has;
  for (json* e : ready) {
    const auto zone = string_at(*e, {"zone"});
    if (zone.empty()) return false;
    (*e)["hints"] = hint_to(zone);
    ++has[zone];
  }
  differences giving, receiving;
  for (const auto& [zone, count] : has)
    if (!shares.contains(zone)) giving[zone] = count;
  for (const auto& [zone, share] : shares) {
    if (has[zone] > share) giving[zone] = has[zone] - share;
    if (has[zone] < share) receiving[zone] = share - has[zone];
  }
  std::map<std::string, int> gives, receives;
  trade(std::move(giving), std::move(receiving), gives, receives);
  for (json* e : ready) {
    const auto from = gives.find(string_at(*e, {"zone"}));
    if (from == gives.end() || receives.empty()) continue;
    const auto to = receives.begin();
    (*e)["hints"] = hint_to(to->first);
    if (--from->second == 0) gives.erase(from);
    if (--to->second == 0) receives.erase(to);
  }
  return true;
}

}  // namespace

void zone_cpus::count(const part& p, int sign) {
  if (!p.whole()) {
    incomplete_ = sign > 0 ? incomplete_ + 1 : incomplete_ - 1;
    return;
  }
  auto& sum = zones_[p.zone];
  sum += sign * p.cpu;
  if (sum == 0) zones_.erase(p.zone);
}

bool zone_cpus::put(const node_view& node) {
  if (node.ready != "True" || has_label(node, "node-role.kubernetes.io/control-plane") ||
      has_label(node, "node-role.kubernetes.io/master"))
    return remove(node.name);
  const part now{node.zone, node.allocatable.cpu};
  const auto [entry, fresh] = nodes_.try_emplace(node.name, now);
  if (!fresh && entry->second == now) return false;
  if (!fresh) count(entry->second, -1);
  entry->second = now;
  count(now, 1);
  return true;
}

bool zone_cpus::remove(const std::string& node) {
  const auto entry = nodes_.find(node);
  if (entry == nodes_.end()) return false;
  count(entry->second, -1);
  nodes_.erase(entry);
  return true;
}

bool wants_topology_hints(const json& service) {
  // The older name is asked first.
  for (const char* annotation :
       {"service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"}) {
    const json& mode = at(service, {"metadata", "annotations", annotation});
    if (mode.is_string()) return mode == "Auto" || mode == "auto";
  }
  return false;
}

std::string hint_topology(const std::vector<json*>& endpoints, const zone_cpus& cpus) {
  std::vector<json*> ready;
  for (json* e : endpoints) {
    e->erase("hints");
    if (at(*e, {"conditions", "ready"}) == true) ready.push_back(e);
  }
  std::map<std::string, double> shares;
  if (auto why = share_out(cpus, ready.size(), shares); !why.empty()) return why;
  if (hint_zones(ready, shares)) return {};
  for (json* e : ready) e->erase("hints");
  return "One or more endpoints do not have a zone specified";
}

}  // namespace troupe::model
