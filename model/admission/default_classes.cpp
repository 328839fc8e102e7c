#include "model/admission/default_classes.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* storage_class = "storageclass.kubernetes.io/is-default-class";
constexpr const char* beta_storage_class = "storageclass.beta.kubernetes.io/is-default-class";
constexpr const char* ingress_class = "ingressclass.kubernetes.io/is-default-class";
constexpr const char* beta_claim_class = "volume.beta.kubernetes.io/storage-class";
constexpr const char* ingress_annotation = "kubernetes.io/ingress.class";
constexpr const char* runtime_classes = "runtimeclasses.node.k8s.io";

// The name of the default among classes; empty: there is none.
std::string default_of(const std::vector<object_ptr>& classes,
                       std::initializer_list<const char*> annotations) {
  std::string best;
  std::string best_time;
  for (const auto& o : classes) {
    const json document = o->parse();
    const auto is = [&](const char* a) {
      return string_at(document, {"metadata", "annotations", a}) == "true";
    };
    if (std::ranges::none_of(annotations, is)) continue;
    const auto time = string_at(document, {"metadata", "creationTimestamp"});
    const auto& name = o->key().name;
    if (!best.empty() && (time < best_time || (time == best_time && name > best))) continue;
    best = name;
    best_time = time;
  }
  return best;
}

status rejected(const object_key& key, const std::string& why) {
  return forbidden(key, "pod rejected: " + why);
}

std::optional<status> take_selector(const object_key& key, json& spec, const json& scheduling) {
  const json& wanted = at(scheduling, {"nodeSelector"});
  if (!wanted.is_object()) return std::nullopt;
  for (const auto& [label, value] : wanted.items()) {
    const json& own = at(spec, {"nodeSelector", label});
    if (!own.is_null() && own != value)
      return forbidden(key, "conflict: runtimeClass.scheduling.nodeSelector[" + label +
                                "] = " + value.get<std::string>() + "; pod.spec.nodeSelector[" +
                                label + "] = " + own.get<std::string>());
    spec["nodeSelector"][label] = value;
  }
  return std::nullopt;
}

}  // namespace

void choose_storage_class(json& claim, const cluster_view& cluster) {
  if (!at(claim, {"spec", "storageClassName"}).is_null() ||
      !at(claim, {"metadata", "annotations", beta_claim_class}).is_null())
    return;
  const auto name = default_of(cluster.list("storageclasses.storage.k8s.io", {}),
                               {storage_class, beta_storage_class});
  if (!name.empty() && at(claim, {"spec"}).is_object()) claim["spec"]["storageClassName"] = name;
}

void choose_ingress_class(json& ingress, const cluster_view& cluster) {
  if (!at(ingress, {"spec", "ingressClassName"}).is_null() ||
      !at(ingress, {"metadata", "annotations", ingress_annotation}).is_null())
    return;
  const auto name =
      default_of(cluster.list("ingressclasses.networking.k8s.io", {}), {ingress_class});
  if (!name.empty()) ingress["spec"]["ingressClassName"] = name;
}

std::optional<status> apply_runtime_class(const object_key& key, json& pod,
                                          const cluster_view& cluster) {
  json& spec = pod["spec"];
  const auto name = string_at(spec, {"runtimeClassName"});
  const json& given = at(spec, {"overhead"});
  if (name.empty()) {
    if (given.empty()) return std::nullopt;
    return rejected(key, "Pod Overhead set without corresponding RuntimeClass defined Overhead");
  }
  const object_ptr found = cluster.get({runtime_classes, "", name});
  if (!found) return rejected(key, "RuntimeClass \"" + name + "\" not found");
  const json document = found->parse();
  const json& overhead = at(document, {"overhead", "podFixed"});
  if (!given.empty() && given != overhead)
    return rejected(key,
                    overhead.empty()
                        ? "Pod Overhead set without corresponding RuntimeClass defined Overhead"
                        : "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  if (!overhead.empty()) spec["overhead"] = overhead;
  const json& scheduling = at(document, {"scheduling"});
  if (auto bad = take_selector(key, spec, scheduling)) return bad;
  for (const json& t : at(scheduling, {"tolerations"})) {
    json& own = spec["tolerations"];
    if (!own.is_array()) own = json::array();
    if (std::find(own.begin(), own.end(), t) == own.end()) own.push_back(t);
  }
  return std::nullopt;
}

}  // namespace troupe::model
