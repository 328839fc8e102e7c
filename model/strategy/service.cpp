#include "model/service.hpp"

#include "model/strategy/cluster_kinds.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

bool has(const json& spec, const char* name) {
  const json& value = at(spec, {name});
  return !value.is_null() && value != "" && value != 0 && !(value.is_array() && value.empty());
}

void take_over(const json& from, json& to, const char* name) {
  if (!has(to, name) && has(from, name)) to[name] = from.at(name);
}

/// A client may set either of clusterIP and clusterIPs.
void match_ips(const json& old, json& spec) {
  if (old.is_null()) {
    if (has(spec, "clusterIP") && !has(spec, "clusterIPs"))
      spec["clusterIPs"] = json::array({spec["clusterIP"]});
    return;
  }
  const bool same_ips = at(old, {"clusterIPs"}) == at(spec, {"clusterIPs"});
  if (!has(old, "clusterIP") && has(spec, "clusterIP")) {
    if (!has(spec, "clusterIPs")) spec["clusterIPs"] = json::array({spec["clusterIP"]});
  } else if (has(old, "clusterIP") && !has(spec, "clusterIP")) {
    if (same_ips) spec.erase("clusterIPs");
  } else if (at(old, {"clusterIP"}) != at(spec, {"clusterIP"}) && same_ips &&
             has(spec, "clusterIPs")) {
    spec["clusterIPs"][0] = spec["clusterIP"];
  }
}

/// Node ports by protocol and port, where nobody else of the new ports has asked for them.
void keep_node_ports(const json& old, json& spec) {
  const auto ports = spec.find("ports");
  if (ports == spec.end() || !ports->is_array()) return;
  std::set<std::int64_t> used;
  for (const json& port : *ports)
    if (has(port, "nodePort")) used.insert(port["nodePort"].get<std::int64_t>());
  for (json& port : *ports) {
    if (has(port, "nodePort")) continue;
    for (const json& before : at(old, {"ports"}))
      if (has(before, "nodePort") && at(before, {"protocol"}) == at(port, {"protocol"}) &&
          at(before, {"port"}) == at(port, {"port"}) &&
          !used.contains(before["nodePort"].get<std::int64_t>()))
        port["nodePort"] = before["nodePort"];
  }
}

void keep_allocated(const json& old, json& spec) {
  if (needs_cluster_ip(old) && needs_cluster_ip(spec)) {
    take_over(old, spec, "clusterIP");
    if (at(old, {"clusterIP"}) == at(spec, {"clusterIP"})) {
      take_over(old, spec, "clusterIPs");
      take_over(old, spec, "ipFamilies");
      take_over(old, spec, "ipFamilyPolicy");
    }
  }
  if (needs_node_ports(old) && needs_node_ports(spec)) keep_node_ports(old, spec);
  if (needs_health_check(old) && needs_health_check(spec))
    take_over(old, spec, "healthCheckNodePort");
}

void drop_node_ports(const json& old, json& spec) {
  const json& before = at(old, {"ports"});
  const auto ports = spec.find("ports");
  if (ports == spec.end() || !ports->is_array()) return;
  for (json& port : *ports)
    if (std::ranges::any_of(
            before, [&](const json& b) { return at(b, {"nodePort"}) == at(port, {"nodePort"}); }))
      port.erase("nodePort");
}

/// Drops what belongs to the old type, unless the client asks for something new there.
void drop_of_type(const json& old, json& spec) {
  const auto drop_same = [&](const char* name) {
    if (at(old, {name}) == at(spec, {name})) spec.erase(name);
  };
  if (needs_cluster_ip(old) && !needs_cluster_ip(spec)) {
    if (at(old, {"clusterIPs"}) == at(spec, {"clusterIPs"}))
      for (const char* name : {"clusterIP", "clusterIPs"}) spec.erase(name);
    drop_same("ipFamilies");
    drop_same("ipFamilyPolicy");
  }
  if (needs_node_ports(old) && !needs_node_ports(spec)) drop_node_ports(old, spec);
  if (needs_health_check(old) && !needs_health_check(spec)) drop_same("healthCheckNodePort");
  if (string_at(old, {"type"}) == "LoadBalancer" && string_at(spec, {"type"}) != "LoadBalancer") {
    drop_same("allocateLoadBalancerNodePorts");
    drop_same("loadBalancerClass");
  }
  if (is_externally_accessible(old) && !is_externally_accessible(spec))
    drop_same("externalTrafficPolicy");
}

}  // namespace

void prepare_service(json& service) {
  service["status"] = {{"loadBalancer", json::object()}};
  if (const auto spec = service.find("spec"); spec != service.end() && spec->is_object())
    match_ips(nullptr, *spec);
}

void prepare_service_update(const json& old, json& service) {
  const auto spec = service.find("spec");
  const json& before = at(old, {"spec"});
  if (spec == service.end() || !spec->is_object() || !before.is_object()) return;
  keep_allocated(before, *spec);
  match_ips(before, *spec);
  drop_of_type(before, *spec);
}

void prepare_endpoint_slice(json& slice) {
  prepare_endpoint_slice_update(nullptr, slice);
}

void prepare_endpoint_slice_update(const json& old, json& slice) {
  const bool used = std::ranges::any_of(at(old, {"endpoints"}), [](const json& endpoint) {
    return !at(endpoint, {"deprecatedTopology"}).is_null();
  });
  const auto endpoints = slice.find("endpoints");
  if (used || endpoints == slice.end() || !endpoints->is_array()) return;
  for (json& endpoint : *endpoints)
    if (endpoint.is_object()) endpoint.erase("deprecatedTopology");
}

}  // namespace troupe::model
