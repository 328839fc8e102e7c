#include "model/base64.hpp"
#include "model/defaults/kinds.hpp"
#include "model/service.hpp"

#include <string>

namespace troupe::model {
namespace {

void default_ip_modes(json& ingress) {
  for (json& point : ingress)
    if (!string_at(point, {"ip"}).empty() && string_at(point, {"ipMode"}).empty())
      point["ipMode"] = "VIP";
}

void default_target_ports(json& ports) {
  for (json& port : ports) {
    if (!port.is_object() || !port.contains("port")) continue;
    json& target = port["targetPort"];
    if (target.is_null() || target == 0 || target == "") target = port["port"];
  }
}

constexpr const char* rbac_group = "rbac.authorization.k8s.io";

void set_where_empty(json& object, const char* name, const json& value) {
  json& member = object[name];
  if (member.is_null() || member == "") member = value;
}

}  // namespace

void prepare_namespace(json& ns) {
  json& status = ns["status"];
  if (!status.is_object()) status = json::object();
}

void default_namespace(json& ns) {
  const std::string name = string_at(ns, {"metadata", "name"});
  if (!name.empty()) {
    json& labels = ns["metadata"]["labels"];
    if (!labels.is_object()) labels = json::object();
    labels["kubernetes.io/metadata.name"] = name;
  }
  json& spec = ns["spec"];
  if (!spec.is_object()) spec = json::object();
}

void default_node(json& node) {
  json* status = node.contains("status") ? &node["status"] : nullptr;
  if (!status || !status->is_object()) return;
  if (status->contains("capacity") && !status->contains("allocatable"))
    (*status)["allocatable"] = (*status)["capacity"];
}

void default_service(json& service) {
  json* spec = service.contains("spec") ? &service["spec"] : nullptr;
  if (!spec || !spec->is_object()) return;
  auto& members = spec->get_ref<json::object_t&>();
  const std::string type = string_at(*spec, {"type"});
  if (is_externally_accessible(*spec)) members.try_emplace("externalTrafficPolicy", "Cluster");
  if (at(*spec, {"sessionAffinity"}) == "None") members.erase("sessionAffinityConfig");
  if (type != "ExternalName") members.try_emplace("internalTrafficPolicy", "Cluster");
  if (type == "LoadBalancer") members.try_emplace("allocateLoadBalancerNodePorts", true);
  if (at(*spec, {"sessionAffinity"}) == "ClientIP" &&
      at(*spec, {"sessionAffinityConfig", "clientIP", "timeoutSeconds"}).is_null())
    (*spec)["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"] = 10800;
  if (const auto ports = spec->find("ports"); ports != spec->end() && ports->is_array())
    default_target_ports(*ports);
  if (type == "LoadBalancer" && at(service, {"status", "loadBalancer", "ingress"}).is_array())
    default_ip_modes(service["status"]["loadBalancer"]["ingress"]);
}

void default_secret(json& secret) {
  const auto texts = secret.find("stringData");
  if (texts == secret.end()) return;
  if (texts->is_object() && !texts->empty()) {
    json& data = secret["data"];
    if (!data.is_object()) data = json::object();
    for (const auto& [key, value] : texts->items())
      if (value.is_string()) data[key] = to_base64(value.get_ref<const std::string&>());
  }
  secret.erase("stringData");
}

void default_role_binding(json& binding) {
  if (const auto role = binding.find("roleRef"); role != binding.end() && role->is_object())
    set_where_empty(*role, "apiGroup", rbac_group);
  const auto subjects = binding.find("subjects");
  if (subjects == binding.end() || !subjects->is_array()) return;
  for (json& subject : *subjects) {
    const std::string kind = string_at(subject, {"kind"});
    if (kind == "User" || kind == "Group") set_where_empty(subject, "apiGroup", rbac_group);
  }
}

void default_network_policy(json& policy) {
  const auto spec = policy.find("spec");
  if (spec == policy.end() || !spec->is_object() || !at(*spec, {"policyTypes"}).empty()) return;
  json types = json::array({"Ingress"});
  if (!at(*spec, {"egress"}).empty()) types.push_back("Egress");
  (*spec)["policyTypes"] = std::move(types);
}

void default_custom_resource(json& definition) {
  const auto spec = definition.find("spec");
  if (spec == definition.end() || !spec->is_object()) return;
  const auto names = spec->find("names");
  if (names == spec->end() || !names->is_object()) return;
  const std::string kind = string_at(*names, {"kind"});
  if (kind.empty()) return;
  std::string singular = kind;
  for (char& c : singular)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  set_where_empty(*names, "singular", singular);
  set_where_empty(*names, "listKind", kind + "List");
}

}  // namespace troupe::model
