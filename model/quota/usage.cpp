#include "model/quota/usage.hpp"

#include "model/qos.hpp"
#include "model/validation/resource_names.hpp"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

constexpr std::string_view requests_prefix = "requests.";
constexpr std::string_view count_prefix = "count/";
constexpr std::string_view of_class = ".storageclass.storage.k8s.io/";

constexpr std::array<std::string_view, 3> computed{"cpu", "memory", "ephemeral-storage"};

/// Kinds that a quota may also count by their plain names.
constexpr std::array<std::string_view, 4> counted_plainly{
    "configmaps", "secrets", "replicationcontrollers", "resourcequotas"};

quantity one() {
  return quantity::of(1);
}

bool is_cross_namespace(const json& term) {
  return !at(term, {"namespaces"}).empty() || !at(term, {"namespaceSelector"}).is_null();
}

bool crosses_namespaces(const json& pod) {
  for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
    const json& affinity = at(pod, {"spec", "affinity", kind});
    for (const json& t : at(affinity, {"requiredDuringSchedulingIgnoredDuringExecution"}))
      if (is_cross_namespace(t)) return true;
    for (const json& t : at(affinity, {"preferredDuringSchedulingIgnoredDuringExecution"}))
      if (is_cross_namespace(at(t, {"podAffinityTerm"}))) return true;
  }
  return false;
}

bool counts_resources(const json& pod, time_point now) {
  const auto phase = string_at(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return false;
  const auto end = stops_counting(pod);
  return !end || now <= *end;
}

void add_pod(const json& pod, time_point now, quota_usage& out) {
  quota_traits traits;
  traits.terminating = at(pod, {"spec", "activeDeadlineSeconds"}).is_number_integer();
  traits.best_effort = qos_class(at(pod, {"spec"})) == "BestEffort";
  traits.crosses_namespaces = crosses_namespaces(pod);
  traits.priority_class = string_at(pod, {"spec", "priorityClassName"});
  out.pod = std::move(traits);
  if (!counts_resources(pod, now)) return;
  out.used["pods"] = one();
  for (const auto& [name, amount] : pod_amounts(pod, "requests")) {
    const bool plain = std::find(computed.begin(), computed.end(), name) != computed.end() ||
                       is_huge_page_resource(name);
    if (plain) out.used[name] = amount;
    if (plain || is_extended_resource(name)) out.used[std::string(requests_prefix) + name] = amount;
  }
  for (const auto& [name, amount] : pod_amounts(pod, "limits"))
    if (std::find(computed.begin(), computed.end(), name) != computed.end())
      out.used["limits." + name] = amount;
}

void add_service(const json& service, quota_usage& out) {
  const json& ports = at(service, {"spec", "ports"});
  const auto type = string_at(service, {"spec", "type"});
  auto node_ports = static_cast<std::int64_t>(ports.size());
  if (type == "LoadBalancer" && at(service, {"spec", "allocateLoadBalancerNodePorts"}) == false)
    node_ports = std::count_if(ports.begin(), ports.end(), [](const json& p) {
      return at(p, {"nodePort"}).is_number_integer() && at(p, {"nodePort"}) != 0;
    });
  out.used["services"] = one();
  if (type == "LoadBalancer") out.used["services.loadbalancers"] = one();
  if (type == "LoadBalancer" || type == "NodePort")
    out.used["services.nodeports"] = quantity::of(node_ports);
}

void add_claim(const json& claim, quota_usage& out) {
  auto storage_class =
      string_at(claim, {"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"});
  if (storage_class.empty()) storage_class = string_at(claim, {"spec", "storageClassName"});
  out.used["persistentvolumeclaims"] = one();
  auto amounts = amounts_of(at(claim, {"spec", "resources", "requests"}));
  const auto asked = amounts.find("storage");
  // A volume that is being enlarged counts as what it becomes.
  auto allocated = amounts_of(at(claim, {"status", "allocatedResources"}));
  if (asked != amounts.end()) {
    if (const auto larger = allocated.find("storage");
        larger != allocated.end() && larger->second > asked->second)
      asked->second = larger->second;
    out.used["requests.storage"] = asked->second;
  }
  if (storage_class.empty()) return;
  storage_class += of_class;
  out.used[storage_class + "persistentvolumeclaims"] = one();
  if (asked != amounts.end()) out.used[storage_class + "requests.storage"] = asked->second;
}

}  // namespace

quota_usage quota_usage_of(std::string_view resource, const json& object, time_point now) {
  quota_usage out;
  out.used[std::string(count_prefix) + std::string(resource)] = one();
  if (resource == "pods")
    add_pod(object, now, out);
  else if (resource == "services")
    add_service(object, out);
  else if (resource == "persistentvolumeclaims")
    add_claim(object, out);
  else if (std::find(counted_plainly.begin(), counted_plainly.end(), resource) !=
           counted_plainly.end())
    out.used[std::string(resource)] = one();
  return out;
}

std::optional<time_point> stops_counting(const json& pod) {
  const auto deleted = from_rfc3339(string_at(pod, {"metadata", "deletionTimestamp"}));
  const json& grace = at(pod, {"metadata", "deletionGracePeriodSeconds"});
  if (!deleted || !grace.is_number_integer()) return std::nullopt;
  return *deleted + std::chrono::seconds(grace.get<std::int64_t>());
}

std::string counted_resource(std::string_view bound) {
  if (bound.starts_with(count_prefix)) {
    const auto name = bound.substr(count_prefix.size());
    const auto* kind = schema::instance().by_resource(name);
    // Of custom kinds, which come and go, any may be meant: they have a group.
    if (!kind && name.find('.') != name.npos) return std::string(name);
    return kind && kind->namespaced ? std::string(name) : std::string();
  }
  if (bound == "services" || bound == "services.nodeports" || bound == "services.loadbalancers")
    return "services";
  if (bound == "persistentvolumeclaims" || bound == "requests.storage" ||
      bound.find(of_class) != std::string_view::npos)
    return "persistentvolumeclaims";
  if (std::find(counted_plainly.begin(), counted_plainly.end(), bound) != counted_plainly.end())
    return std::string(bound);
  auto resource = bound;
  if (resource.starts_with(requests_prefix))
    resource.remove_prefix(requests_prefix.size());
  else if (resource.starts_with("limits."))
    resource.remove_prefix(7);
  const bool pods =
      bound == "pods" || std::find(computed.begin(), computed.end(), resource) != computed.end() ||
      is_huge_page_resource(resource) || (resource != bound && is_extended_resource(resource));
  return pods ? "pods" : "";
}

quota_scopes::quota_scopes(const json& quota_spec) {
  for (const json& scope : at(quota_spec, {"scopes"}))
    terms_.push_back({scope.get<std::string>(), "Exists", {}});
  for (const json& e : at(quota_spec, {"scopeSelector", "matchExpressions"})) {
    term t{string_at(e, {"scopeName"}), string_at(e, {"operator"}), {}};
    for (const json& v : at(e, {"values"})) t.values.push_back(v.get<std::string>());
    terms_.push_back(std::move(t));
  }
}

bool quota_scopes::match(const quota_usage& usage) const {
  if (terms_.empty()) return true;
  return usage.pod && std::all_of(terms_.begin(), terms_.end(),
                                  [&](const term& t) { return matches(t, *usage.pod); });
}

bool quota_scopes::matches(const term& t, const quota_traits& pod) {
  if (t.scope == "Terminating") return pod.terminating;
  if (t.scope == "NotTerminating") return !pod.terminating;
  if (t.scope == "BestEffort") return pod.best_effort;
  if (t.scope == "NotBestEffort") return !pod.best_effort;
  if (t.scope == "CrossNamespacePodAffinity") return pod.crosses_namespaces;
  if (t.scope != "PriorityClass") return false;
  const bool listed =
      std::find(t.values.begin(), t.values.end(), pod.priority_class) != t.values.end();
  if (t.op == "Exists") return !pod.priority_class.empty();
  if (t.op == "DoesNotExist") return pod.priority_class.empty();
  if (t.op == "In") return !pod.priority_class.empty() && listed;
  return pod.priority_class.empty() || !listed;
}

}  // namespace troupe::model
