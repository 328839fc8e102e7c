#include "model/validation/service.hpp"

#include "model/label_names.hpp"
#include "model/validation/addresses.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/names.hpp"

#include <set>

namespace troupe::model {
namespace {

constexpr const char* source_ranges = "service.beta.kubernetes.io/load-balancer-source-ranges";
constexpr std::int64_t longest_affinity = 86400;

void validate_service_port(const json& port, const field_path& path, bool named, faults& out) {
  const auto name = text_of(port, "name");
  if (name.empty() && named) out.required(path.child("name"));
  if (!name.empty()) out.check(path.child("name"), name, dns_label_fault(name));
  validate_port(value_of(port, "port"), path.child("port"), out);
  validate_protocol(port, path, out);
  validate_port_or_name(value_of(port, "targetPort"), path.child("targetPort"), out);
  const auto protocol = text_of(port, "appProtocol");
  if (!value_of(port, "appProtocol").is_null())
    out.check(path.child("appProtocol"), protocol, qualified_name_fault(protocol));
}

/// Names, numbers and node ports come once each; the latter two once a protocol.
void validate_distinct_ports(const json::array_t& ports, const field_path& path, faults& out) {
  std::set<std::string_view> names;
  std::set<std::pair<std::string_view, std::int64_t>> numbers, node_ports;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const field_path here = path.index(i);
    const auto name = text_of(ports[i], "name");
    if (!name.empty() && !names.insert(name).second) out.duplicate(here.child("name"), name);
    const auto protocol = text_of(ports[i], "protocol");
    const auto node_port = integer_of(ports[i], "nodePort");
    if (node_port != 0 && !node_ports.emplace(protocol, node_port).second)
      out.duplicate_number(here.child("nodePort"), node_port);
    const auto number = integer_of(ports[i], "port");
    if (!numbers.emplace(protocol, number).second)
      out.duplicate(here, go_text{"core.ServicePort{Name:\"\", Protocol:" + json(protocol).dump() +
                                  ", AppProtocol:(*string)(nil), Port:" + std::to_string(number) +
                                  ", TargetPort:intstr.IntOrString{Type:0, IntVal:0, "
                                  "StrVal:\"\"}, NodePort:0}"});
  }
}

void validate_ports(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("ports");
  const auto& ports = items_of(spec, "ports");
  const auto type = text_of(spec, "type");
  if (ports.empty() && !is_headless(spec) && type != "ExternalName") out.required(path);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    validate_service_port(ports[i], path.index(i), ports.size() > 1, out);
    if (type == "ClusterIP" && integer_of(ports[i], "nodePort") != 0)
      out.forbidden(path.index(i).child("nodePort"), "may not be used when `type` is 'ClusterIP'");
  }
  validate_distinct_ports(ports, path, out);
}

void validate_external_name(const json& spec, const field_path& path, faults& out) {
  constexpr std::string_view why = "may not be set for ExternalName services";
  if (!items_of(spec, "clusterIPs").empty()) out.forbidden(path.child("clusterIPs"), why);
  if (!items_of(spec, "ipFamilies").empty()) out.forbidden(path.child("ipFamilies"), why);
  if (!value_of(spec, "ipFamilyPolicy").is_null()) out.forbidden(path.child("ipFamilyPolicy"), why);
  auto name = text_of(spec, "externalName");
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty())
    out.required(path.child("externalName"));
  else
    out.check(path.child("externalName"), name, dns_subdomain_fault(name));
}

void validate_affinity_of(const json& spec, const field_path& path, faults& out) {
  const auto affinity = text_of(spec, "sessionAffinity");
  if (affinity.empty())
    out.required(path.child("sessionAffinity"));
  else if (affinity != "ClientIP" && affinity != "None")
    out.not_supported(path.child("sessionAffinity"), affinity, {"ClientIP", "None"});
  const json& config = value_of(spec, "sessionAffinityConfig");
  const field_path config_path = path.child("sessionAffinityConfig");
  if (affinity == "None" && !config.is_null())
    out.forbidden(config_path, "must not be set when session affinity is None");
  if (affinity != "ClientIP") return;
  // Defaulting has made clientIP.timeoutSeconds.
  const json& timeout = at(config, {"clientIP", "timeoutSeconds"});
  if (const auto seconds = timeout.is_number_integer() ? timeout.get<std::int64_t>() : 0;
      seconds <= 0 || seconds > longest_affinity)
    out.invalid(config_path.child("clientIP").child("timeoutSeconds"), timeout,
                "must be greater than 0 and less than 86400");
}

void validate_source_ranges(const json& service, const json& spec, const field_path& path,
                            faults& out) {
  constexpr std::string_view why = "may only be used when `type` is 'LoadBalancer'";
  const bool balanced = text_of(spec, "type") == "LoadBalancer";
  // The field's name is misspelled in Kubernetes' own faults.
  const field_path ranges_path = path.child("LoadBalancerSourceRanges");
  const auto& ranges = items_of(spec, "loadBalancerSourceRanges");
  if (!ranges.empty()) {
    if (!balanced) out.forbidden(ranges_path, why);
    for (std::size_t i = 0; i < ranges.size(); ++i)
      validate_cidr(trimmed(as_text(ranges[i])), ranges_path.index(i), out);
    return;
  }
  const json& annotation = at(service, {"metadata", "annotations", source_ranges});
  if (!annotation.is_string()) return;
  const field_path metadata("metadata");
  const field_path annotations = metadata.child("annotations");
  const field_path here = annotations.key(source_ranges);
  if (!balanced) out.forbidden(here, why);
  for (auto rest = trimmed(as_text(annotation)); !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    validate_cidr(trimmed(rest.substr(0, comma)), here, out);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
}

void validate_load_balancer(const json& service, const json& spec, const field_path& path,
                            faults& out) {
  constexpr std::string_view why = "may only be used when `type` is 'LoadBalancer'";
  validate_source_ranges(service, spec, path, out);
  const bool balanced = text_of(spec, "type") == "LoadBalancer";
  if (!balanced && !value_of(spec, "allocateLoadBalancerNodePorts").is_null())
    out.forbidden(path.child("allocateLoadBalancerNodePorts"), why);
  if (value_of(spec, "loadBalancerClass").is_null()) return;
  const auto name = text_of(spec, "loadBalancerClass");
  if (balanced)
    out.check(path.child("loadBalancerClass"), name, qualified_name_fault(name));
  else
    out.forbidden(path.child("loadBalancerClass"), why);
}

void validate_policies(const json& spec, const field_path& path, faults& out) {
  const field_path external = path.child("externalTrafficPolicy");
  const auto policy = text_of(spec, "externalTrafficPolicy");
  if (!is_externally_accessible(spec)) {
    if (!policy.empty())
      out.invalid(external, policy, "may only be set for externally-accessible services");
  } else if (policy.empty()) {
    out.required(external);
  } else if (policy != "Cluster" && policy != "Local") {
    out.not_supported(external, policy, {"Cluster", "Local"});
  }
  const field_path check = path.child("healthCheckNodePort");
  const auto port = integer_of(spec, "healthCheckNodePort");
  if (!needs_health_check(spec)) {
    if (port != 0)
      out.invalid(check, port,
                  "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is "
                  "'Local'");
  } else if (port == 0) {
    out.required(check);
  } else {
    validate_port(port, check, out);
  }
  const auto internal = text_of(spec, "internalTrafficPolicy");
  if (!internal.empty() && internal != "Cluster" && internal != "Local")
    out.not_supported(path.child("internalTrafficPolicy"), internal, {"Cluster", "Local"});
  const auto distribution = text_of(spec, "trafficDistribution");
  if (!value_of(spec, "trafficDistribution").is_null() && distribution != "PreferClose")
    out.not_supported(path.child("trafficDistribution"), distribution, {"PreferClose"});
}

void validate_topology_annotations(const json& service, faults& out) {
  constexpr const char* hints = "service.kubernetes.io/topology-aware-hints";
  constexpr const char* mode = "service.kubernetes.io/topology-mode";
  const json& hinted = at(service, {"metadata", "annotations", hints});
  const json& chosen = at(service, {"metadata", "annotations", mode});
  if (hinted.is_null() || chosen.is_null() || hinted == chosen) return;
  const field_path metadata("metadata");
  const field_path annotations = metadata.child("annotations");
  out.invalid(annotations.key(mode), chosen,
              "must match annotations[" + std::string(hints) + "] when both are specified");
}

void validate_type(const json& spec, const field_path& path, faults& out) {
  const auto type = text_of(spec, "type");
  if (type == "ExternalName") validate_external_name(spec, path, out);
  if ((type == "LoadBalancer" || type == "NodePort") && is_headless(spec))
    out.invalid(path.child("clusterIPs").index(0), "None",
                "may not be set to 'None' for " + std::string(type) + " services");
  if (type.empty())
    out.required(path.child("type"));
  else if (type != "ClusterIP" && type != "ExternalName" && type != "LoadBalancer" &&
           type != "NodePort")
    out.not_supported(path.child("type"), type,
                      {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
}

}  // namespace

void validate_protocol(const json& port, const field_path& path, faults& out) {
  const auto protocol = text_of(port, "protocol");
  if (protocol.empty())
    out.required(path.child("protocol"));
  else if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP")
    out.not_supported(path.child("protocol"), protocol, {"SCTP", "TCP", "UDP"});
}

void validate_service(const json& service, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(service, "spec");
  validate_topology_annotations(service, out);
  validate_type(spec, path, out);
  validate_ports(spec, path, out);
  validate_labels(members_of(spec, "selector"), path.child("selector"), out);
  validate_affinity_of(spec, path, out);
  validate_cluster_ips(spec, path, out);
  const field_path externals = path.child("externalIPs");
  const auto& ips = items_of(spec, "externalIPs");
  for (std::size_t i = 0; i < ips.size(); ++i)
    if (validate_ip(as_text(ips[i]), externals.index(i), out))
      validate_non_special_ip(as_text(ips[i]), externals.index(i), out);
  validate_load_balancer(service, spec, path, out);
  validate_policies(spec, path, out);
}

void validate_service_status(const json&, const json& service, faults& out) {
  const field_path status("status");
  const field_path balancer = status.child("loadBalancer");
  const field_path path = balancer.child("ingress");
  const auto& ingress = items_of(at(service, {"status", "loadBalancer"}), "ingress");
  if (!ingress.empty() && string_at(service, {"spec", "type"}) != "LoadBalancer")
    return out.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'");
  for (std::size_t i = 0; i < ingress.size(); ++i) {
    const field_path here = path.index(i);
    const auto ip = text_of(ingress[i], "ip");
    const auto mode = text_of(ingress[i], "ipMode");
    if (!ip.empty()) validate_ip(ip, here.child("ip"), out);
    if (mode.empty() && !ip.empty())
      out.required(here.child("ipMode"), "must be specified when `ip` is set");
    else if (!mode.empty() && ip.empty())
      out.forbidden(here.child("ipMode"), "may not be specified when `ip` is not set");
    else if (!mode.empty() && mode != "Proxy" && mode != "VIP")
      out.not_supported(here.child("ipMode"), mode, {"Proxy", "VIP"});
    validate_ingress_host(text_of(ingress[i], "hostname"), here.child("hostname"), out);
  }
}

}  // namespace troupe::model
