#include "model/strategy.hpp"

#include "model/qos.hpp"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

bool has_status(const kind_info& kind) {
  return kind.subresource("status") != nullptr;
}

// Kinds whose strategy counts generations in Kubernetes 1.32.
bool counts_generations(const kind_info& kind) {
  constexpr std::array counted = {
      std::string_view("daemonsets.apps"),
      std::string_view("deployments.apps"),
      std::string_view("endpointslices.discovery.k8s.io"),
      std::string_view("ingresses.networking.k8s.io"),
      std::string_view("ingressclasses.networking.k8s.io"),
      std::string_view("jobs.batch"),
      std::string_view("cronjobs.batch"),
      std::string_view("networkpolicies.networking.k8s.io"),
      std::string_view("poddisruptionbudgets.policy"),
      std::string_view("priorityclasses.scheduling.k8s.io"),
      std::string_view("replicasets.apps"),
      std::string_view("replicationcontrollers"),
      std::string_view("statefulsets.apps"),
  };
  return std::find(counted.begin(), counted.end(), kind.resource) != counted.end();
}

void keep(const json& from, json& to, const char* key) {
  if (const auto found = from.find(key); found != from.end())
    to[key] = *found;
  else
    to.erase(key);
}

// Identity and deletion are the server's.
void keep_identity(const json& old, json& object) {
  const json& had = at(old, {"metadata"});
  json& has = object["metadata"];
  for (const char* key : {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
                          "deletionGracePeriodSeconds", "generation", "selfLink"})
    keep(had, has, key);
}

bool same_but_metadata(const json& a, const json& b) {
  auto rest = [](const json& o) {
    std::vector<std::pair<std::string_view, const json*>> out;
    for (const auto& [key, value] : o.items())
      if (key != "metadata" && key != "status") out.emplace_back(key, &value);
    return out;
  };
  const auto left = rest(a);
  const auto right = rest(b);
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& x, const auto& y) { return x.first == y.first && *x.second == *y.second; });
}

void first_status(const kind_info& kind, json& object, const requester& who) {
  if (kind.resource == "nodes") return;  // a kubelet registers with its status
  if (kind.resource == "pods") {
    object["status"] = {{"phase", "Pending"}, {"qosClass", qos_class(at(object, {"spec"}))}};
  } else if (kind.resource == "namespaces") {
    object["spec"]["finalizers"] = {"kubernetes"};
    object["status"] = {{"phase", "Active"}};
  } else if (kind.resource == "persistentvolumes" || kind.resource == "persistentvolumeclaims") {
    object["status"] = {{"phase", "Pending"}};
  } else if (kind.resource == "services") {
    object["status"] = {{"loadBalancer", json::object()}};
  } else if (kind.resource == "certificatesigningrequests.certificates.k8s.io") {
    object["status"] = json::object();
    object["spec"]["username"] = who.name;
    object["spec"]["groups"] = who.groups;
    object["spec"].erase("uid");
    object["spec"].erase("extra");
  } else if (has_status(kind)) {
    object["status"] = json::object();
  }
}

}  // namespace

void prepare_for_create(const kind_info& kind, json& object, const std::string& uid, time_point now,
                        const requester& who) {
  json& meta = object["metadata"];
  meta["uid"] = uid;
  meta["creationTimestamp"] = to_rfc3339(now);
  for (const char* key : {"deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
                          "resourceVersion", "generation"})
    meta.erase(key);
  if (counts_generations(kind)) meta["generation"] = 1;
  first_status(kind, object, who);
  if (kind.resource == "namespaces")
    meta["labels"]["kubernetes.io/metadata.name"] = string_at(meta, {"name"});
}

bool creates_on_update(const kind_info& kind) {
  constexpr std::array kinds = {
      std::string_view("clusterrolebindings.rbac.authorization.k8s.io"),
      std::string_view("clusterroles.rbac.authorization.k8s.io"),
      std::string_view("endpoints"),
      std::string_view("events"),
      std::string_view("leases.coordination.k8s.io"),
      std::string_view("limitranges"),
      std::string_view("podtemplates"),
      std::string_view("rolebindings.rbac.authorization.k8s.io"),
      std::string_view("roles.rbac.authorization.k8s.io"),
      std::string_view("services"),
  };
  return std::find(kinds.begin(), kinds.end(), kind.resource) != kinds.end();
}

void prepare_for_update(const kind_info& kind, const json& old, json& object) {
  keep_identity(old, object);
  if (has_status(kind)) keep(old, object, "status");
  if (kind.resource == "namespaces") {
    if (const json& finalizers = at(old, {"spec", "finalizers"}); !finalizers.is_null())
      object["spec"]["finalizers"] = finalizers;
    object["metadata"]["labels"]["kubernetes.io/metadata.name"] =
        string_at(old, {"metadata", "name"});
  }
  if (counts_generations(kind) && !same_but_metadata(old, object)) {
    const json& generation = at(old, {"metadata", "generation"});
    object["metadata"]["generation"] =
        generation.is_number_integer() ? generation.get<std::int64_t>() + 1 : 1;
  }
}

void prepare_for_status_update(const kind_info& kind, const json& old, json& object) {
  const bool free_metadata = kind.resource == "pods" || kind.resource == "nodes";
  // Compared and put back piece by piece: most status writes leave the rest as it was, and a copy
  // of a whole object costs more than the comparison.
  std::erase_if(object.get_ref<json::object_t&>(), [&](const auto& member) {
    return member.first != "status" && !old.contains(member.first);
  });
  if (const auto status = object.find("status"); status != object.end() && status->is_null())
    object.erase(status);
  for (const auto& [key, value] : old.items())
    if (key != "metadata" && key != "status" && object[key] != value) object[key] = value;
  if (free_metadata) {
    keep(at(old, {"metadata"}), object["metadata"], "ownerReferences");
    keep_identity(old, object);
    return;
  }
  json managed = std::move(object["metadata"]["managedFields"]);
  object["metadata"] = at(old, {"metadata"});
  if (!managed.is_null()) object["metadata"]["managedFields"] = std::move(managed);
}

}  // namespace troupe::model
