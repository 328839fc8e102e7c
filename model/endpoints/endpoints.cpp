#include "model/endpoints/endpoints.hpp"

#include "model/endpoints/subsets.hpp"

namespace troupe::model {
namespace {

constexpr const char* over_capacity_annotation = "endpoints.kubernetes.io/over-capacity";

// An Endpoints has addresses of one family alone: the service's first one.
std::optional<std::string> address_of(const endpoint_pod& pod, const json& service) {
  const json& families = at(service, {"spec", "ipFamilies"});
  bool v6 = false;
  if (families.is_array() && !families.empty())
    v6 = families[0] == "IPv6";
  else if (has_cluster_ip(service))
    v6 = is_ipv6(string_at(service, {"spec", "clusterIP"}));
  else
    v6 = is_ipv6(pod.ips.front());
  for (const auto& ip : pod.ips)
    if (is_ipv6(ip) == v6) return ip;
  return std::nullopt;
}

json subset_of(json address, bool ready, const json* port) {
  json out = json::object();
  out[ready ? "addresses" : "notReadyAddresses"] = json::array({std::move(address)});
  if (port) out["ports"] = json::array({*port});
  return out;
}

json port_of(const json& service_port, std::int64_t number) {
  json out = {{"port", number}, {"protocol", string_at(service_port, {"protocol"}, "TCP")}};
  if (auto name = string_at(service_port, {"name"}); !name.empty()) out["name"] = std::move(name);
  if (const auto& app = at(service_port, {"appProtocol"}); app.is_string())
    out["appProtocol"] = app;
  return out;
}

json subsets_of(const json& service, const std::vector<const endpoint_pod*>& pods) {
  const bool publish = at(service, {"spec", "publishNotReadyAddresses"}) == true;
  const json& ports = at(service, {"spec", "ports"});
  std::vector<json> subsets;
  for (const endpoint_pod* pod : pods) {
    if (!pod->belongs(publish)) continue;
    const auto ip = address_of(*pod, service);
    if (!ip) continue;
    json address = {{"ip", *ip}, {"targetRef", target_reference(*pod)}};
    if (!pod->node.empty()) address["nodeName"] = pod->node;
    if (publishes_hostname(*pod, service)) address["hostname"] = pod->hostname;
    const bool ready = publish || pod->ready;
    if (ports.empty() && string_at(service, {"spec", "clusterIP"}) == "None")
      subsets.push_back(subset_of(address, ready, nullptr));
    for (const json& port : ports)
      if (const auto number = find_port(*pod, port)) {
        const json made = port_of(port, *number);
        subsets.push_back(subset_of(address, ready, &made));
      }
  }
  return repack_subsets(subsets);
}

}  // namespace

std::optional<json> reconcile_endpoints(const json& service,
                                        const std::vector<const endpoint_pod*>& pods,
                                        const json& current, std::optional<time_point> triggered) {
  json subsets = subsets_of(service, pods);
  const bool truncated = truncate_subsets(subsets);
  json labels = at(service, {"metadata", "labels"});
  if (!labels.is_object()) labels = json::object();
  labels.erase(headless_label);
  if (!has_cluster_ip(service)) labels[headless_label] = "";

  json out = current;
  if (current.is_null()) {
    out = {{"apiVersion", "v1"}, {"kind", "Endpoints"}};
    out["metadata"] = {{"name", at(service, {"metadata", "name"})},
                       {"namespace", at(service, {"metadata", "namespace"})}};
  }
  json& metadata = out["metadata"];
  if (labels.empty())
    metadata.erase("labels");
  else
    metadata["labels"] = std::move(labels);
  if (subsets.empty())
    out.erase("subsets");
  else
    out["subsets"] = std::move(subsets);
  json annotations = at(metadata, {"annotations"});
  if (!annotations.is_object()) annotations = json::object();
  annotations.erase(over_capacity_annotation);
  if (truncated) annotations[over_capacity_annotation] = "truncated";
  metadata["annotations"] = annotations;
  if (annotations.empty()) metadata.erase("annotations");
  if (out == current) return std::nullopt;
  annotations.erase(trigger_time_annotation);
  if (triggered) annotations[trigger_time_annotation] = to_rfc3339(*triggered);
  metadata["annotations"] = annotations;
  if (annotations.empty()) metadata.erase("annotations");
  return out;
}

}  // namespace troupe::model
