#include "model/endpoints/slices.hpp"

#include "model/endpoints/packing.hpp"
#include "model/label_names.hpp"
#include "model/service.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

bool is_reserved(const std::string& label) {
  return label == slice_service_label || label == slice_manager_label || label == headless_label;
}

json without_reserved(const json& labels) {
  json out = json::object();
  for (const auto& [key, value] : labels.items())
    if (!is_reserved(key)) out[key] = value;
  return out;
}

json labels_of_slices(const json& service) {
  json out = without_reserved(at(service, {"metadata", "labels"}));
  if (!has_cluster_ip(service)) out[headless_label] = "";
  out[slice_service_label] = string_at(service, {"metadata", "name"});
  out[slice_manager_label] = slice_controller;
  return out;
}

std::vector<std::string> address_types(const json& service) {
  std::vector<std::string> out;
  for (const json& family : at(service, {"spec", "ipFamilies"})) out.push_back(family);
  if (!out.empty()) return out;
  if (has_cluster_ip(service))
    return {is_ipv6(string_at(service, {"spec", "clusterIP"})) ? "IPv6" : "IPv4"};
  return {"IPv4", "IPv6"};  // headless, from before there were families
}

json ports_of(const json& service, const endpoint_pod& pod) {
  json out = json::array();
  for (const json& port : at(service, {"spec", "ports"})) {
    const auto number = find_port(pod, port);
    if (!number) continue;
    json made = {{"name", string_at(port, {"name"})},
                 {"port", *number},
                 {"protocol", string_at(port, {"protocol"}, "TCP")}};
    if (const auto& app = at(port, {"appProtocol"}); app.is_string()) made["appProtocol"] = app;
    out.push_back(std::move(made));
  }
  return out;
}

json endpoint_of(const endpoint_pod& pod, const json& service, const std::string& type,
                 const std::string& zone) {
  json addresses = json::array();
  for (const auto& ip : pod.ips)
    if (is_ipv6(ip) == (type == "IPv6")) addresses.push_back(ip);
  const bool publish = at(service, {"spec", "publishNotReadyAddresses"}) == true;
  const bool ready = publish || (pod.ready && !pod.deleting);
  json out = {
      {"addresses", std::move(addresses)},
      {"conditions", {{"ready", ready}, {"serving", pod.ready}, {"terminating", pod.deleting}}},
      {"targetRef", target_reference(pod)}};
  if (!pod.node.empty()) out["nodeName"] = pod.node;
  if (!zone.empty()) out["zone"] = zone;
  if (publishes_hostname(pod, service)) out["hostname"] = pod.hostname;
  if (ready && !zone.empty() && !wants_topology_hints(service) &&
      string_at(service, {"spec", "trafficDistribution"}) == "PreferClose") {
    json near = json::object();
    near["name"] = zone;
    out["hints"]["forZones"] = json::array({std::move(near)});
  }
  return out;
}

// One pass over a service's slices of one address type.
class reconciler {
 public:
  reconciler(const json& service, const std::string& type, const zone_cpus* cpus,
             slice_changes& changes)
      : service_(service), type_(type), cpus_(cpus), changes_(changes) {}

  void run(const std::vector<const endpoint_pod*>& pods, const std::vector<json>& existing,
           const zone_lookup& zone_of) {
    const auto uid = string_at(service_, {"metadata", "uid"});
    std::map<std::string, std::vector<const json*>> by_ports;
    std::vector<std::string> removed;
    for (const json& slice : existing) {
      if (slice_owned_by(slice, uid))
        by_ports[port_key(at(slice, {"ports"}))].push_back(&slice);
      else
        removed.push_back(string_at(slice, {"metadata", "name"}));
    }
    auto desired = group(pods, zone_of);
    if (cpus_ && wants_topology_hints(service_)) hint(desired);
    std::vector<json> created;
    for (auto& [key, group] : desired) {
      auto packed = pack_slices(
          by_ports[key], std::move(group.endpoints), labels_of_slices(service_),
          new_slice(service_, "Service", type_, group.ports, labels_of_slices(service_)));
      move_into(packed.create, created);
      move_into(packed.update, changes_.update);
      move_into(packed.remove, removed);
    }
    for (const auto& [key, slices] : by_ports)
      if (!desired.contains(key))
        for (const json* slice : slices) removed.push_back(string_at(*slice, {"metadata", "name"}));
    if (existing.size() == removed.size() && created.empty())
      keep_placeholder(existing, removed, created);
    move_into(created, changes_.create);
    move_into(removed, changes_.remove);
  }

 private:
  struct port_group {
    json ports;
    std::vector<json> endpoints;
  };

  template <class T>
  static void move_into(std::vector<T>& from, std::vector<T>& to) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
  }

  std::map<std::string, port_group> group(const std::vector<const endpoint_pod*>& pods,
                                          const zone_lookup& zone_of) {
    std::map<std::string, port_group> out;
    for (const endpoint_pod* pod : pods) {
      if (!pod->belongs(true)) continue;
      json ports = ports_of(service_, *pod);
      port_group& group = out[port_key(ports)];
      group.ports = std::move(ports);
      const auto zone = zone_of(pod->node);
      if (!zone && at(service_, {"spec", "publishNotReadyAddresses"}) != true) {
        changes_.without_node.push_back(pod);
        continue;
      }
      json endpoint = endpoint_of(*pod, service_, type_, zone.value_or(""));
      if (!endpoint["addresses"].empty()) group.endpoints.push_back(std::move(endpoint));
    }
    return out;
  }

  // Endpoints are shared out to zones whatever their ports are.
  void hint(std::map<std::string, port_group>& groups) {
    std::vector<json*> all;
    for (auto& [key, group] : groups)
      for (json& endpoint : group.endpoints) all.push_back(&endpoint);
    changes_.topology[type_] = hint_topology(all, *cpus_);
  }

  // A service without endpoints has one empty slice.
  void keep_placeholder(const std::vector<json>& existing, std::vector<std::string>& removed,
                        std::vector<json>& created) {
    json empty = new_slice(service_, "Service", type_, json::array(), labels_of_slices(service_));
    if (removed.size() == 1) {
      const json& last = existing.front();
      const auto& metadata = at(last, {"metadata"});
      if (at(last, {"endpoints"}).empty() && at(last, {"ports"}).empty() &&
          at(metadata, {"labels"}) == empty["metadata"]["labels"] &&
          at(metadata, {"ownerReferences"}) == empty["metadata"]["ownerReferences"])
        return removed.clear();
    }
    created.push_back(std::move(empty));
  }

  const json& service_;
  const std::string& type_;
  const zone_cpus* cpus_;
  slice_changes& changes_;
};

void stamp(std::vector<json>& slices, std::optional<time_point> triggered) {
  for (json& slice : slices) {
    json& metadata = slice["metadata"];
    if (triggered)
      metadata["annotations"][trigger_time_annotation] = to_rfc3339(*triggered);
    else if (metadata.contains("annotations"))
      metadata["annotations"].erase(trigger_time_annotation);
  }
}

}  // namespace

slice_changes reconcile_slices(const json& service, const std::vector<const endpoint_pod*>& pods,
                               const std::vector<json>& existing, const zone_lookup& zone_of,
                               std::optional<time_point> triggered, const zone_cpus* cpus) {
  slice_changes changes;
  const auto types = address_types(service);
  std::map<std::string, std::vector<json>> by_type;
  for (const json& slice : existing) {
    auto type = string_at(slice, {"addressType"});
    if (std::find(types.begin(), types.end(), type) == types.end())
      changes.remove.push_back(string_at(slice, {"metadata", "name"}));
    else
      by_type[type].push_back(slice);
  }
  for (const auto& type : types)
    reconciler(service, type, cpus, changes).run(pods, by_type[type], zone_of);
  recycle_slices(changes, existing, string_at(service, {"metadata", "uid"}));
  if (at(service, {"metadata", "deletionTimestamp"}).is_string()) changes.create.clear();
  stamp(changes.create, triggered);
  stamp(changes.update, triggered);
  return changes;
}

std::string slice_name_prefix(const std::string& service) {
  return service.size() < 253 ? service + "-" : service;
}

json new_slice(const json& owner, const char* owner_kind, const std::string& address_type,
               json ports, json labels) {
  json reference = {{"apiVersion", "v1"},
                    {"kind", owner_kind},
                    {"name", at(owner, {"metadata", "name"})},
                    {"uid", at(owner, {"metadata", "uid"})},
                    {"controller", true},
                    {"blockOwnerDeletion", true}};
  json slice = {{"apiVersion", "discovery.k8s.io/v1"}, {"kind", "EndpointSlice"}};
  slice["metadata"] = {{"generateName", slice_name_prefix(string_at(owner, {"metadata", "name"}))},
                       {"namespace", at(owner, {"metadata", "namespace"})},
                       {"labels", std::move(labels)},
                       {"ownerReferences", json::array({std::move(reference)})}};
  slice["addressType"] = address_type;
  slice["endpoints"] = json::array();
  slice["ports"] = std::move(ports);
  return slice;
}

bool slice_owned_by(const json& slice, const std::string& uid) {
  for (const json& owner : at(slice, {"metadata", "ownerReferences"}))
    if (at(owner, {"controller"}) == true) return string_at(owner, {"uid"}) == uid;
  return false;
}

std::string port_key(const json& ports) {
  std::vector<std::string> texts;
  for (const json& port : ports) texts.push_back(port.dump());
  std::sort(texts.begin(), texts.end());
  std::string out;
  for (const auto& text : texts) out += text;
  return out;
}

void recycle_slices(slice_changes& changes, const std::vector<json>& existing,
                    const std::string& owner_uid) {
  for (auto name = changes.remove.begin();
       name != changes.remove.end() && !changes.create.empty();) {
    json& made = changes.create.back();
    const auto old = std::find_if(existing.begin(), existing.end(), [&](const json& slice) {
      return string_at(slice, {"metadata", "name"}) == *name;
    });
    if (old == existing.end() || at(*old, {"addressType"}) != made["addressType"] ||
        !slice_owned_by(*old, owner_uid)) {
      ++name;
      continue;
    }
    made["metadata"]["name"] = *name;
    made["metadata"]["resourceVersion"] = at(*old, {"metadata", "resourceVersion"});
    changes.update.push_back(std::move(made));
    changes.create.pop_back();
    name = changes.remove.erase(name);
  }
}

}  // namespace troupe::model
