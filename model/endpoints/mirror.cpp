#include "model/endpoints/mirror.hpp"

#include "model/endpoints/subsets.hpp"
#include "model/ip_address.hpp"

#include <algorithm>
#include <map>

namespace troupe::model {
namespace {

constexpr const char* last_applied_annotation = "kubectl.kubernetes.io/last-applied-configuration";

struct mirrored {
  std::string type;
  json ports = json::array();
  json endpoints = json::array();
};

json slice_ports(const json& subset) {
  json out = json::array();
  for (const json& port : at(subset, {"ports"})) {
    json made = {{"name", string_at(port, {"name"})},
                 {"port", at(port, {"port"})},
                 {"protocol", string_at(port, {"protocol"}, "TCP")}};
    if (const auto& app = at(port, {"appProtocol"}); app.is_string()) made["appProtocol"] = app;
    out.push_back(std::move(made));
  }
  return out;
}

json endpoint_of(const json& address, bool ready) {
  json out = {{"addresses", json::array({at(address, {"ip"})})}};
  out["conditions"]["ready"] = ready;
  for (const char* field : {"targetRef", "nodeName"})
    if (const auto& value = at(address, {field}); !value.is_null()) out[field] = value;
  if (auto host = string_at(address, {"hostname"}); !host.empty()) out["hostname"] = host;
  return out;
}

std::map<std::string, mirrored> wanted_slices(const json& endpoints, mirror_changes& out) {
  std::map<std::string, mirrored> wanted;
  const json& given = at(endpoints, {"subsets"});
  const json subsets = repack_subsets({given.begin(), given.end()});
  for (const json& subset : subsets) {
    const json ports = slice_ports(subset);
    std::size_t added = 0;
    std::size_t all = 0;
    for (const bool ready : {true, false})
      for (const json& address : at(subset, {ready ? "addresses" : "notReadyAddresses"})) {
        ++all;
        if (added == most_addresses_of_endpoints) continue;
        const auto ip = parse_ip(string_at(address, {"ip"}));
        if (!ip) {
          ++out.invalid;
          continue;
        }
        ++added;
        const char* type = ip->v6 ? "IPv6" : "IPv4";
        mirrored& m = wanted[type + port_key(ports)];
        m.type = type;
        m.ports = ports;
        m.endpoints.push_back(endpoint_of(address, ready));
      }
    out.skipped += all - added;
  }
  return wanted;
}

json new_mirror(const json& endpoints, const mirrored& m) {
  json labels = at(endpoints, {"metadata", "labels"});
  if (!labels.is_object()) labels = json::object();
  labels[slice_service_label] = at(endpoints, {"metadata", "name"});
  labels[slice_manager_label] = mirroring_controller;
  json slice = new_slice(endpoints, "Endpoints", m.type, m.ports, std::move(labels));
  json annotations = at(endpoints, {"metadata", "annotations"});
  if (annotations.is_object()) {
    annotations.erase(trigger_time_annotation);
    annotations.erase(last_applied_annotation);
    if (!annotations.empty()) slice["metadata"]["annotations"] = std::move(annotations);
  }
  slice["endpoints"] = m.endpoints;
  return slice;
}

bool same_mirror(const json& a, const json& b) {
  return at(a, {"endpoints"}) == at(b, {"endpoints"}) &&
         at(a, {"metadata", "labels"}) == at(b, {"metadata", "labels"}) &&
         at(a, {"metadata", "annotations"}) == at(b, {"metadata", "annotations"});
}

}  // namespace

bool wants_mirror(const json& endpoints) {
  return string_at(endpoints, {"metadata", "labels", "endpointslice.kubernetes.io/skip-mirror"}) !=
             "true" &&
         at(endpoints, {"metadata", "annotations", "control-plane.alpha.kubernetes.io/leader"})
             .is_null();
}

mirror_changes mirror_endpoints(const json& endpoints, const std::vector<json>& existing) {
  mirror_changes out;
  auto wanted = wanted_slices(endpoints, out);
  const auto uid = string_at(endpoints, {"metadata", "uid"});
  for (const json& slice : existing) {
    auto name = string_at(slice, {"metadata", "name"});
    const auto at_key =
        wanted.find(string_at(slice, {"addressType"}) + port_key(at(slice, {"ports"})));
    if (at_key == wanted.end() || !slice_owned_by(slice, uid)) {
      out.slices.remove.push_back(std::move(name));
      continue;
    }
    json mirror = new_mirror(endpoints, at_key->second);
    wanted.erase(at_key);
    if (same_mirror(mirror, slice)) continue;
    mirror["metadata"]["name"] = std::move(name);
    mirror["metadata"]["resourceVersion"] = at(slice, {"metadata", "resourceVersion"});
    out.slices.update.push_back(std::move(mirror));
  }
  for (const auto& [key, m] : wanted) out.slices.create.push_back(new_mirror(endpoints, m));
  recycle_slices(out.slices, existing, uid);
  return out;
}

}  // namespace troupe::model
