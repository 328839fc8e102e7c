#include "model/service_account_admission.hpp"

#include "model/members.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* mirror = "kubernetes.io/config.mirror";
constexpr std::string_view volume_prefix = "kube-api-access-";
constexpr int token_lifetime = 3607;

// What admission needs of an account; made once a version.
struct account_view {
  explicit account_view(const object& o) {
    const json document = o.parse();
    automount = at(document, {"automountServiceAccountToken"}) != false;
    pull_secrets = at(document, {"imagePullSecrets"});
  }
  bool automount;
  json pull_secrets;
};

std::optional<status> check_mirror(const object_key& key, const json& spec) {
  if (!string_at(spec, {"serviceAccountName"}).empty())
    return forbidden(key, "a mirror pod may not reference service accounts");
  for (const json& volume : at(spec, {"volumes"}))
    for (const json& source : at(volume, {"projected", "sources"}))
      if (source.contains("serviceAccountToken"))
        return forbidden(key, "a mirror pod may not use ServiceAccountToken volume projections");
  return std::nullopt;
}

bool has_token(const json& container) {
  return std::ranges::any_of(items_of(container, "volumeMounts"), [](const json& m) {
    return text_of(m, "mountPath") == token_directory;
  });
}

// Made once: in every pod it is the same but for the name.
json make_token_volume() {
  const json path = {{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}};
  const json token = {{"expirationSeconds", token_lifetime}, {"path", "token"}};
  const json ca = {{"name", "kube-root-ca.crt"},
                   {"items", json::array({{{"key", "ca.crt"}, {"path", "ca.crt"}}})}};
  const json ns = {{"items", json::array({{{"path", "namespace"}, {"fieldRef", path}}})}};
  json projected = {{"defaultMode", 0644}};
  projected["sources"] = json::array();
  projected["sources"].push_back({{"serviceAccountToken", token}});
  projected["sources"].push_back({{"configMap", ca}});
  projected["sources"].push_back({{"downwardAPI", ns}});
  return {{"name", ""}, {"projected", projected}};
}

json token_volume(const std::string& name) {
  static const json volume = make_token_volume();
  json named = volume;
  member_of(named, "name") = name;
  return named;
}

json token_mount(const std::string& name) {
  static const json mount = {{"name", ""}, {"readOnly", true}, {"mountPath", token_directory}};
  json named = mount;
  member_of(named, "name") = name;
  return named;
}

// The name of the volume that gives tokens already; empty: there is none.
std::string token_volume_of(const json& spec) {
  for (const json& volume : items_of(spec, "volumes"))
    if (const auto name = text_of(volume, "name"); name.starts_with(volume_prefix))
      return std::string(name);
  return {};
}

void mount_token(json& spec, random_source& random) {
  std::string name = token_volume_of(spec);
  const bool there = !name.empty();
  if (!there) name.append(volume_prefix).append(random.name_suffix());
  bool used = false;
  for (const std::string_view list : {"initContainers", "containers"}) {
    const auto containers = spec.find(list);
    if (containers == spec.end() || !containers->is_array()) continue;
    for (json& container : *containers) {
      if (!container.is_object() || has_token(container)) continue;
      member_of(container, "volumeMounts").push_back(token_mount(name));
      used = true;
    }
  }
  if (used && !there) member_of(spec, "volumes").push_back(token_volume(name));
}

}  // namespace

std::optional<status> admit_service_account(const object_key& key, json& pod,
                                            const object_lookup& lookup, random_source& random) {
  json& spec = member_of(pod, "spec");
  if (!spec.is_object()) return std::nullopt;  // validation says what is missing
  if (!at(pod, {"metadata", "annotations", mirror}).is_null()) return check_mirror(key, spec);
  json& wanted = member_of(spec, "serviceAccountName");
  if (as_text(wanted).empty()) wanted = "default";
  const std::string name(as_text(wanted));
  member_of(spec, "serviceAccount") = name;
  const object_ptr account = lookup({"serviceaccounts", key.ns, name});
  if (!account)
    return forbidden(key, "error looking up service account " + key.ns + "/" + name +
                              ": serviceaccount \"" + name + "\" not found");
  const auto view = account->view<account_view>();
  const json& wish = at(spec, {"automountServiceAccountToken"});
  if (wish.is_boolean() ? wish.get<bool>() : view->automount) mount_token(spec, random);
  if (at(spec, {"imagePullSecrets"}).empty() && !view->pull_secrets.empty())
    spec["imagePullSecrets"] = view->pull_secrets;
  return std::nullopt;
}

}  // namespace troupe::model
