#include "model/members.hpp"
#include "model/qos.hpp"
#include "model/strategy/feature_gates.hpp"
#include "model/strategy/kinds.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view app_armor_prefix = "container.apparmor.security.beta.kubernetes.io/";
constexpr std::string_view local_profile = "localhost/";

std::string annotation_of(const json& profile) {
  const std::string type = string_at(profile, {"type"});
  if (type == "Unconfined") return "unconfined";
  if (type == "RuntimeDefault") return "runtime/default";
  const std::string name = string_at(profile, {"localhostProfile"});
  return type == "Localhost" && !name.empty() ? std::string(local_profile) + name : std::string();
}

/// Null when the annotation says nothing that a field could.
json profile_of(std::string_view annotation) {
  if (annotation == "unconfined") return {{"type", "Unconfined"}};
  if (annotation == "runtime/default") return {{"type", "RuntimeDefault"}};
  if (!annotation.starts_with(local_profile)) return nullptr;
  const auto name = annotation.substr(local_profile.size());
  constexpr std::string_view blank = " \t\r\n";
  if (name.empty() || blank.find(name.front()) != blank.npos ||
      blank.find(name.back()) != blank.npos)
    return nullptr;
  return {{"type", "Localhost"}, {"localhostProfile", name}};
}

/// A profile in the field is written to the older annotation too, and the other way round: nodes
/// may know only one of them.
void match_app_armor(json& pod, json& container) {
  const json& of_pod = at(pod, {"spec", "securityContext", "appArmorProfile"});
  const json& of_container = at(container, {"securityContext", "appArmorProfile"});
  const json& annotations = at(pod, {"metadata", "annotations"});
  if (annotations.empty() && of_pod.is_null() && of_container.is_null()) return;
  const std::string key = std::string(app_armor_prefix) + string_at(container, {"name"});
  const json& annotation = at(annotations, {key});
  if (annotation.is_null()) {
    if (of_pod.is_null() && of_container.is_null()) return;
    const std::string text = annotation_of(of_container.is_null() ? of_pod : of_container);
    if (!text.empty()) pod["metadata"]["annotations"][key] = text;
  } else if (of_container.is_null() && annotation.is_string()) {
    json profile = profile_of(annotation.get_ref<const std::string&>());
    if (!profile.is_null() && profile != of_pod)
      container["securityContext"]["appArmorProfile"] = std::move(profile);
  }
}

void match_app_armor(json& pod) {
  const auto spec = pod.find("spec");
  if (spec == pod.end() || !spec->is_object() || string_at(*spec, {"os", "name"}) == "windows")
    return;
  for (const std::string_view list : {"containers", "initContainers"}) {
    const auto found = spec->find(list);
    if (found == spec->end() || !found->is_array()) continue;
    for (json& container : *found)
      if (container.is_object()) match_app_armor(pod, container);
  }
}

/// matchLabelKeys and mismatchLabelKeys become terms of the selector, with this pod's values.
void add_label_terms(json& term, const json& labels) {
  if (!term.is_object() || !term.contains("labelSelector")) return;
  static constexpr std::pair<const char*, const char*> keys[] = {{"matchLabelKeys", "In"},
                                                                 {"mismatchLabelKeys", "NotIn"}};
  for (const auto& [member, op] : keys)
    for (const json& key : at(term, {member})) {
      if (!key.is_string()) continue;
      const json& value = at(labels, {key.get_ref<const std::string&>()});
      if (value.is_null()) continue;
      term["labelSelector"]["matchExpressions"].push_back(
          {{"key", key}, {"operator", op}, {"values", {value}}});
    }
}

void resolve_label_keys(json& pod) {
  if (at(pod, {"spec", "affinity"}).is_null()) return;
  const json& labels = at(pod, {"metadata", "labels"});
  json& affinity = pod["spec"]["affinity"];
  for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
    const auto found = affinity.find(kind);
    if (found == affinity.end() || !found->is_object()) continue;
    if (const auto list = found->find("requiredDuringSchedulingIgnoredDuringExecution");
        list != found->end())
      for (json& term : *list) add_label_terms(term, labels);
    if (const auto list = found->find("preferredDuringSchedulingIgnoredDuringExecution");
        list != found->end())
      for (json& term : *list)
        if (term.is_object() && term.contains("podAffinityTerm"))
          add_label_terms(term["podAffinityTerm"], labels);
  }
}

}  // namespace

void prepare_pod(json& pod) {
  const auto spec = pod.find("spec");
  if (spec != pod.end()) drop_disabled_fields(*spec, nullptr);
  json status;
  member_of(status, "phase") = "Pending";
  member_of(status, "qosClass") = qos_class(at(pod, {"spec"}));
  if (!at(pod, {"spec", "schedulingGates"}).empty())
    status["conditions"] = {
        {{"type", "PodScheduled"},
         {"status", "False"},
         {"lastProbeTime", nullptr},
         {"lastTransitionTime", nullptr},
         {"reason", "SchedulingGated"},
         {"message", "Scheduling is blocked due to non-empty scheduling gates"}}};
  member_of(pod, "status") = std::move(status);
  resolve_label_keys(pod);
  match_app_armor(pod);
}

void prepare_pod_update(const json& old, json& pod) {
  if (const auto spec = pod.find("spec"); spec != pod.end())
    drop_disabled_fields(*spec, at(old, {"spec"}));
}

void prepare_pod_status(const json& old, json& pod, time_point) {
  // Kubelets before 1.32 lost the class of pods that they refused.
  const json& before = at(old, {"status", "qosClass"});
  if (!before.is_null() && string_at(pod, {"status", "qosClass"}).empty())
    pod["status"]["qosClass"] = before;
}

}  // namespace troupe::model
