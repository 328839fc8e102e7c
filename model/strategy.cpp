#include "model/strategy.hpp"

#include "model/custom/kinds.hpp"
#include "model/defaults/plan.hpp"
#include "model/strategy/cluster_kinds.hpp"
#include "model/strategy/kinds.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace troupe::model {
namespace {

/// A kind's own part, a line a kind.
struct kind_rules {
  void (*create)(json& object) = nullptr;
  void (*update)(const json& old, json& object) = nullptr;
  void (*status)(const json& old, json& object, time_point now) = nullptr;
};

const kind_rules& rules_of(const kind_info& kind) {
  static const kind_rules none;
  static const std::unordered_map<std::string_view, kind_rules> all = {
      {"pods", {prepare_pod, prepare_pod_update, prepare_pod_status}},
      {"podtemplates", {prepare_pod_template, prepare_pod_template_update}},
      {"replicationcontrollers", {prepare_workload, prepare_workload_update}},
      {"deployments.apps", {prepare_workload, prepare_workload_update}},
      {"replicasets.apps", {prepare_workload, prepare_workload_update}},
      {"statefulsets.apps", {prepare_stateful_set, prepare_stateful_set_update}},
      {"daemonsets.apps", {prepare_daemon_set, prepare_daemon_set_update}},
      {"jobs.batch", {prepare_job, prepare_workload_update}},
      {"cronjobs.batch", {prepare_cron_job, prepare_cron_job_update}},
      {"namespaces", {prepare_new_namespace, prepare_namespace_update}},
      {"services", {prepare_service, prepare_service_update}},
      {"serviceaccounts", {prepare_service_account, prepare_service_account_update}},
      {"persistentvolumes", {prepare_persistent_volume, nullptr, prepare_persistent_volume_status}},
      {"persistentvolumeclaims", {prepare_claim, prepare_claim_update}},
      {"endpointslices.discovery.k8s.io", {prepare_endpoint_slice, prepare_endpoint_slice_update}},
      {"volumeattachments.storage.k8s.io", {prepare_volume_attachment}},
      {"certificatesigningrequests.certificates.k8s.io",
       {nullptr, prepare_csr_update, prepare_csr_status}},
      {"customresourcedefinitions.apiextensions.k8s.io",
       {prepare_custom_resource, prepare_custom_resource_update}},
      {"apiservices.apiregistration.k8s.io", {prepare_api_service}},
  };
  const auto found = all.find(kind.resource);
  return found == all.end() ? none : found->second;
}

bool has_status(const kind_info& kind) {
  return kind.subresource("status") != nullptr;
}

/// What a change has to touch for a kind's generation to go up. Drivers have none until then.
enum class counting : std::uint8_t {
  never,
  stays_first,
  all_but_metadata,
  labels_too,
  annotations_too,
  from_none
};

counting counting_of(const kind_info& kind) {
  static const std::unordered_map<std::string_view, counting> all = {
      {"csidrivers.storage.k8s.io", counting::from_none},
      {"cronjobs.batch", counting::all_but_metadata},
      {"customresourcedefinitions.apiextensions.k8s.io", counting::all_but_metadata},
      {"daemonsets.apps", counting::all_but_metadata},
      {"deployments.apps", counting::annotations_too},
      {"endpointslices.discovery.k8s.io", counting::labels_too},
      {"flowschemas.flowcontrol.apiserver.k8s.io", counting::all_but_metadata},
      {"ingressclasses.networking.k8s.io", counting::all_but_metadata},
      {"ingresses.networking.k8s.io", counting::all_but_metadata},
      {"jobs.batch", counting::all_but_metadata},
      {"mutatingwebhookconfigurations.admissionregistration.k8s.io", counting::all_but_metadata},
      {"networkpolicies.networking.k8s.io", counting::all_but_metadata},
      {"poddisruptionbudgets.policy", counting::all_but_metadata},
      {"podtemplates", counting::all_but_metadata},
      {"priorityclasses.scheduling.k8s.io", counting::stays_first},
      {"prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", counting::all_but_metadata},
      {"replicasets.apps", counting::all_but_metadata},
      {"replicationcontrollers", counting::all_but_metadata},
      {"statefulsets.apps", counting::all_but_metadata},
      {"validatingadmissionpolicies.admissionregistration.k8s.io", counting::all_but_metadata},
      {"validatingadmissionpolicybindings.admissionregistration.k8s.io",
       counting::all_but_metadata},
      {"validatingwebhookconfigurations.admissionregistration.k8s.io", counting::all_but_metadata},
  };
  const auto found = all.find(kind.resource);
  if (found == all.end() && custom_of(kind)) return counting::all_but_metadata;
  return found == all.end() ? counting::never : found->second;
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

// `status` counts where it is a field as any other.
bool same_but_metadata(const json& a, const json& b, bool status) {
  auto rest = [status](const json& o) {
    std::vector<std::pair<std::string_view, const json*>> out;
    for (const auto& [key, value] : o.items())
      if (key != "metadata" && (status || key != "status")) out.emplace_back(key, &value);
    return out;
  };
  const auto left = rest(a);
  const auto right = rest(b);
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& x, const auto& y) { return x.first == y.first && *x.second == *y.second; });
}

bool is_new_generation(const kind_info& kind, const json& old, const json& object) {
  const counting how = counting_of(kind);
  if (how == counting::never || how == counting::stays_first) return false;
  if (!same_but_metadata(old, object, custom_of(kind) && !has_status(kind))) return true;
  const auto changes = [&](const char* member) {
    return at(old, {"metadata", member}) != at(object, {"metadata", member});
  };
  return (how == counting::annotations_too && changes("annotations")) ||
         (how == counting::labels_too && changes("labels"));
}

// A first status has the zeros of its own type: replicas, say.
void complete_status(const kind_info& kind, json& object) {
  const field_info* field = kind.type->field("status");
  const auto status = object.find("status");
  if (!field || !field->type || status == object.end() || !status->is_object()) return;
  if (const default_plan* plan = plan_of(*field->type)) plan->apply(*status);
}

void first_status(const kind_info& kind, json& object, const requester& who) {
  if (kind.resource == "nodes") return;  // a kubelet registers with its status
  if (custom_of(kind)) {
    if (has_status(kind)) object.erase("status");
    return;
  }
  if (kind.resource == "certificatesigningrequests.certificates.k8s.io") {
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
  const counting how = counting_of(kind);
  if (how != counting::never && how != counting::from_none) meta["generation"] = 1;
  first_status(kind, object, who);
  if (const auto own = rules_of(kind).create) own(object);
  if (!custom_of(kind)) complete_status(kind, object);
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

bool updates_unconditionally(const kind_info& kind) {
  constexpr std::array kinds = {
      std::string_view("apiservices.apiregistration.k8s.io"),
      std::string_view("csidrivers.storage.k8s.io"),
      std::string_view("csinodes.storage.k8s.io"),
      std::string_view("customresourcedefinitions.apiextensions.k8s.io"),
      std::string_view("leases.coordination.k8s.io"),
      std::string_view("mutatingwebhookconfigurations.admissionregistration.k8s.io"),
      std::string_view("poddisruptionbudgets.policy"),
      std::string_view("runtimeclasses.node.k8s.io"),
      std::string_view("validatingadmissionpolicies.admissionregistration.k8s.io"),
      std::string_view("validatingadmissionpolicybindings.admissionregistration.k8s.io"),
      std::string_view("validatingwebhookconfigurations.admissionregistration.k8s.io"),
      std::string_view("volumeattachments.storage.k8s.io"),
  };
  return !custom_of(kind) && std::find(kinds.begin(), kinds.end(), kind.resource) == kinds.end();
}

void prepare_for_update(const kind_info& kind, const json& old, json& object) {
  keep_identity(old, object);
  if (has_status(kind)) keep(old, object, "status");
  if (const auto own = rules_of(kind).update) own(old, object);
  if (is_new_generation(kind, old, object)) {
    const json& generation = at(old, {"metadata", "generation"});
    object["metadata"]["generation"] =
        generation.is_number_integer() ? generation.get<std::int64_t>() + 1 : 1;
  }
}

namespace {

// Kinds whose metadata an update of status leaves as it was; others take it along, as kinds do
// that are older than the rule (the status strategies of Kubernetes' registry).
bool status_keeps_metadata(const kind_info& kind) {
  static constexpr std::array kinds = {
      std::string_view("apiservices.apiregistration.k8s.io"),
      std::string_view("flowschemas.flowcontrol.apiserver.k8s.io"),
      std::string_view("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"),
      std::string_view("validatingadmissionpolicies.admissionregistration.k8s.io"),
      std::string_view("volumeattachments.storage.k8s.io"),
  };
  return custom_of(kind) || std::find(kinds.begin(), kinds.end(), kind.resource) != kinds.end();
}

}  // namespace

void prepare_for_status_update(const kind_info& kind, const json& old, json& object,
                               time_point now) {
  // Compared and put back piece by piece: most status writes leave the rest as it was, and a copy
  // of a whole object costs more than the comparison.
  erase_if(object.get_ref<json::object_t&>(), [&](const auto& member) {
    return member.first != "status" && !old.contains(member.first);
  });
  if (const auto status = object.find("status"); status != object.end() && status->is_null())
    object.erase(status);
  for (const auto& [key, value] : old.items())
    if (key != "metadata" && key != "status" && object[key] != value) object[key] = value;
  if (const auto own = rules_of(kind).status) own(old, object, now);
  if (!status_keeps_metadata(kind)) {
    keep_identity(old, object);
    if (kind.resource == "pods") keep(at(old, {"metadata"}), object["metadata"], "ownerReferences");
    if (kind.resource == "deployments.apps")
      keep(at(old, {"metadata"}), object["metadata"], "labels");
    return;
  }
  json metadata = at(old, {"metadata"});
  if (json& managed = object["metadata"]["managedFields"]; !managed.is_null())
    metadata["managedFields"] = std::move(managed);
  object["metadata"] = std::move(metadata);
}

void prepare_for_finalize(const json& old, json& ns) {
  keep_identity(old, ns);
  keep(old, ns, "status");
}

void prepare_for_approval(const kind_info& kind, const json& old, json& csr, time_point now) {
  // The conditions of every kind come through, unlike those of an update of status.
  json conditions = at(csr, {"status", "conditions"});
  prepare_for_status_update(kind, old, csr, now);
  json& status = csr["status"];
  if (!status.is_object()) status = json::object();
  status["conditions"] = std::move(conditions);
  prepare_csr_approval(old, csr, now);
}

}  // namespace troupe::model
