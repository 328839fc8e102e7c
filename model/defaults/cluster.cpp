#include "model/defaults/kinds.hpp"

#include <string>

namespace troupe::model {

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
  // A namespace that is going away has given its finalizer up for good.
  if (!spec.contains("finalizers") && at(ns, {"metadata", "deletionTimestamp"}).is_null())
    spec["finalizers"] = {"kubernetes"};
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
  const bool outside = type == "NodePort" || type == "LoadBalancer";
  if (outside) members.try_emplace("externalTrafficPolicy", "Cluster");
  if (type != "ExternalName") members.try_emplace("internalTrafficPolicy", "Cluster");
  if (type == "LoadBalancer") members.try_emplace("allocateLoadBalancerNodePorts", true);
  if (at(*spec, {"sessionAffinity"}) == "ClientIP" &&
      at(*spec, {"sessionAffinityConfig", "clientIP", "timeoutSeconds"}).is_null())
    (*spec)["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"] = 10800;
  const auto ports = spec->find("ports");
  if (ports == spec->end() || !ports->is_array()) return;
  for (json& port : *ports) {
    if (!port.is_object() || !port.contains("port")) continue;
    json& target = port["targetPort"];
    if (target.is_null() || target == 0 || target == "") target = port["port"];
  }
}

}  // namespace troupe::model
