#include "model/admission.hpp"

#include "model/members.hpp"
#include "model/storage_protection.hpp"
#include "model/system_priorities.hpp"

namespace troupe::model {
namespace {

std::optional<status> check_namespace(const object_key& key, const object_lookup& lookup) {
  const object_ptr ns = lookup({"namespaces", "", key.ns});
  if (!ns) return not_found({"namespaces", "", key.ns});
  if (!ns->header().deleting) return std::nullopt;
  status s = forbidden(key, "unable to create new content in namespace " + key.ns +
                                " because it is being terminated");
  s.causes.push_back({"NamespaceTerminating", "namespace " + key.ns + " is being terminated",
                      "metadata.namespace"});
  return s;
}

std::optional<status> set_priority(const object_key& key, json& spec, const object_lookup& lookup) {
  std::int64_t value = 0;
  std::string preemption = "PreemptLowerPriority";
  if (const std::string name = string_at(spec, {"priorityClassName"}); !name.empty()) {
    const object_ptr found = lookup({"priorityclasses.scheduling.k8s.io", "", name});
    if (found) {
      const json document = found->parse();
      const json& number = at(document, {"value"});
      if (number.is_number_integer()) value = number.get<std::int64_t>();
      preemption = string_at(document, {"preemptionPolicy"}, preemption);
    } else if (const auto* own = system_priority_named(name)) {
      value = own->value;
    } else {
      return forbidden(key, "no PriorityClass with name " + name + " was found");
    }
  }
  if (const json& given = at(spec, {"priority"});
      given.is_number_integer() && given.get<std::int64_t>() != value)
    return forbidden(key, "the integer value of priority (" + given.dump() +
                              ") must not be provided in pod spec; priority admission controller "
                              "computed " +
                              std::to_string(value) + " from the given PriorityClass name");
  member_of(spec, "priority") = value;
  if (json& policy = member_of(spec, "preemptionPolicy"); policy.is_null()) policy = preemption;
  return std::nullopt;
}

// A taint that evicts is tolerated for five minutes unless the pod says otherwise.
json toleration_of(std::string_view taint) {
  return {
      {"key", taint}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}};
}

void tolerate(json& spec, const json& toleration) {
  json& tolerations = member_of(spec, "tolerations");
  if (!tolerations.is_array()) tolerations = json::array();
  const std::string_view taint = text_of(toleration, "key");
  for (const json& t : tolerations) {
    const std::string_view effect = text_of(t, "effect"), key = text_of(t, "key");
    if ((key == taint || key.empty()) && (effect == "NoExecute" || effect.empty())) return;
  }
  tolerations.push_back(toleration);
}

void tolerate_for_a_while(json& spec) {
  static const json not_ready = toleration_of("node.kubernetes.io/not-ready");
  static const json unreachable = toleration_of("node.kubernetes.io/unreachable");
  tolerate(spec, not_ready);
  tolerate(spec, unreachable);
}

std::optional<status> admit_pod(const object_key& key, json& pod, const object_lookup& lookup) {
  json& spec = member_of(pod, "spec");
  if (!spec.is_object()) return std::nullopt;  // validation says what is missing
  json& account = member_of(spec, "serviceAccountName");
  if (as_text(account).empty()) account = "default";
  member_of(spec, "serviceAccount") = account;
  tolerate_for_a_while(spec);
  return set_priority(key, spec, lookup);
}

}  // namespace

std::optional<status> admit_create(const kind_info& kind, json& object,
                                   const object_lookup& lookup) {
  const object_key key{std::string(kind.resource), string_at(object, {"metadata", "namespace"}),
                       string_at(object, {"metadata", "name"})};
  if (kind.namespaced)
    if (auto bad = check_namespace(key, lookup)) return bad;
  if (kind.resource == "pods") return admit_pod(key, object, lookup);
  if (kind.resource == "persistentvolumeclaims") add_finalizer(object, claim_protection);
  if (kind.resource == "persistentvolumes") add_finalizer(object, volume_protection);
  return std::nullopt;
}

void admit_update_changes(const kind_info& kind, json& object) {
  if (kind.resource != "pods") return;
  if (const auto spec = object.find("spec"); spec != object.end() && spec->is_object())
    tolerate_for_a_while(*spec);
}

std::optional<status> admit_delete(const object_key& key) {
  if (key.resource == "namespaces" &&
      (key.name == "default" || key.name == "kube-system" || key.name == "kube-public"))
    return forbidden(key, "this namespace may not be deleted");
  if (key.resource == "priorityclasses.scheduling.k8s.io" && system_priority_named(key.name))
    return forbidden(key, "this is a system priority class and cannot be deleted");
  return std::nullopt;
}

}  // namespace troupe::model
