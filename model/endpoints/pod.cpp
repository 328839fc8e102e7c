#include "model/endpoints/pod.hpp"

namespace troupe::model {
namespace {

void add_ports(const json& containers, bool sidecars, std::vector<endpoint_pod::named_port>& out) {
  for (const json& c : containers) {
    if (sidecars && string_at(c, {"restartPolicy"}) != "Always") continue;
    for (const json& p : at(c, {"ports"}))
      if (const auto name = string_at(p, {"name"}); !name.empty())
        out.push_back({name, string_at(p, {"protocol"}, "TCP"),
                       at(p, {"containerPort"}).get<std::int64_t>()});
  }
}

}  // namespace

endpoint_pod::endpoint_pod(const json& pod)
    : ns(string_at(pod, {"metadata", "namespace"})),
      name(string_at(pod, {"metadata", "name"})),
      uid(string_at(pod, {"metadata", "uid"})),
      node(string_at(pod, {"spec", "nodeName"})),
      hostname(string_at(pod, {"spec", "hostname"})),
      subdomain(string_at(pod, {"spec", "subdomain"})),
      deleting(at(pod, {"metadata", "deletionTimestamp"}).is_string()) {
  for (const json& ip : at(pod, {"status", "podIPs"})) ips.push_back(string_at(ip, {"ip"}));
  if (ips.empty())
    if (auto ip = string_at(pod, {"status", "podIP"}); !ip.empty()) ips.push_back(std::move(ip));
  add_ports(at(pod, {"spec", "containers"}), false, ports);
  add_ports(at(pod, {"spec", "initContainers"}), true, ports);
  const auto phase = string_at(pod, {"status", "phase"});
  ended = phase == "Succeeded" || phase == "Failed";
  for (const json& c : at(pod, {"status", "conditions"})) {
    if (string_at(c, {"type"}) != "Ready") continue;
    ready = string_at(c, {"status"}) == "True";
    ready_moved = from_rfc3339(string_at(c, {"lastTransitionTime"}));
  }
}

std::optional<std::int64_t> find_port(const endpoint_pod& pod, const json& service_port) {
  const json& target = at(service_port, {"targetPort"});
  if (target.is_number_integer()) return target.get<std::int64_t>();
  const auto name = target.is_string() ? target.get<std::string>() : std::string();
  const auto protocol = string_at(service_port, {"protocol"}, "TCP");
  for (const auto& p : pod.ports)
    if (p.name == name && p.protocol == protocol) return p.number;
  return std::nullopt;
}

bool publishes_hostname(const endpoint_pod& pod, const json& service) {
  return !pod.hostname.empty() && pod.subdomain == string_at(service, {"metadata", "name"}) &&
         pod.ns == string_at(service, {"metadata", "namespace"});
}

bool is_ipv6(const std::string& address) {
  return address.find(':') != std::string::npos;
}

bool has_cluster_ip(const json& service) {
  const auto ip = string_at(service, {"spec", "clusterIP"});
  return !ip.empty() && ip != "None";
}

json target_reference(const endpoint_pod& pod) {
  return {{"kind", "Pod"}, {"namespace", pod.ns}, {"name", pod.name}, {"uid", pod.uid}};
}

}  // namespace troupe::model
