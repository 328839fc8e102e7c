#include "model/volumes/host_path.hpp"

#include "model/propagation.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view volume_prefix = "pvc-";
constexpr std::size_t uid_length = 36;

// The label of the one node that has the volume; empty when there is no such.
std::string hostname_of(const json& volume) {
  const auto& terms = at(volume, {"spec", "nodeAffinity", "required", "nodeSelectorTerms"});
  if (!terms.is_array() || terms.size() != 1) return {};
  for (const auto& e : at(terms[0], {"matchExpressions"}))
    if (string_at(e, {"key"}) == "kubernetes.io/hostname" && at(e, {"values"}).size() == 1)
      return e["values"][0].is_string() ? e["values"][0].get<std::string>() : std::string{};
  return {};
}

bool is_host_path(const json& volume) {
  return string_at(volume, {"metadata", "annotations", provisioned_by}) == host_path_provisioner;
}

std::set<std::string> hostnames_of(const json& volume) {
  if (const auto one = hostname_of(volume); !one.empty()) return {one};
  std::set<std::string> out;
  const auto text = string_at(volume, {"metadata", "annotations", host_path_hosts});
  for (std::string_view rest = text; !rest.empty();) {
    const auto name = rest.substr(0, rest.find(','));
    if (!name.empty()) out.emplace(name);
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  }
  return out;
}

}  // namespace

json standard_storage_class() {
  json out = {{"apiVersion", "storage.k8s.io/v1"}, {"kind", "StorageClass"}};
  out["metadata"]["name"] = "standard";
  out["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] = "true";
  out["provisioner"] = host_path_provisioner;
  out["allowVolumeExpansion"] = true;
  out["reclaimPolicy"] = "Delete";
  out["volumeBindingMode"] = "WaitForFirstConsumer";
  return out;
}

bool awaits_host_path(const json& claim) {
  return string_at(claim, {"metadata", "annotations", storage_provisioner}) ==
             host_path_provisioner &&
         string_at(claim, {"spec", "volumeName"}).empty() &&
         at(claim, {"metadata", "deletionTimestamp"}).is_null() &&
         string_at(claim, {"spec", "volumeMode"}, "Filesystem") == "Filesystem";
}

json host_path_volume(const json& claim, const json& storage_class, const std::string& node) {
  const auto name = "pvc-" + string_at(claim, {"metadata", "uid"});
  json out = {{"apiVersion", "v1"}, {"kind", "PersistentVolume"}};
  out["metadata"]["name"] = name;
  out["metadata"]["annotations"][provisioned_by] = host_path_provisioner;
  out["metadata"]["finalizers"] = json::array({host_path_finalizer});
  json& spec = out["spec"];
  spec["accessModes"] = at(claim, {"spec", "accessModes"});
  spec["capacity"]["storage"] = at(claim, {"spec", "resources", "requests", "storage"});
  spec["claimRef"] = {{"apiVersion", "v1"},
                      {"kind", "PersistentVolumeClaim"},
                      {"namespace", at(claim, {"metadata", "namespace"})},
                      {"name", at(claim, {"metadata", "name"})},
                      {"uid", at(claim, {"metadata", "uid"})},
                      {"resourceVersion", at(claim, {"metadata", "resourceVersion"})}};
  spec["hostPath"] = {
      {"path", string_at(storage_class, {"parameters", "path"}, host_path_root) + "/" + name},
      {"type", "DirectoryOrCreate"}};
  spec["persistentVolumeReclaimPolicy"] = string_at(storage_class, {"reclaimPolicy"}, "Delete");
  spec["storageClassName"] = class_of_claim(claim);
  spec["volumeMode"] = "Filesystem";
  if (const auto& options = at(storage_class, {"mountOptions"}); options.is_array())
    spec["mountOptions"] = options;
  if (node.empty()) return out;
  json place = {{"key", "kubernetes.io/hostname"}, {"operator", "In"}};
  place["values"] = json::array({node});
  json term;
  term["matchExpressions"] = json::array({std::move(place)});
  spec["nodeAffinity"]["required"]["nodeSelectorTerms"] = json::array({std::move(term)});
  return out;
}

bool is_spent_host_path(const json& volume) {
  return is_host_path(volume) && string_at(volume, {"status", "phase"}) == "Released" &&
         string_at(volume, {"spec", "persistentVolumeReclaimPolicy"}) == "Delete" &&
         at(volume, {"metadata", "deletionTimestamp"}).is_null();
}

bool is_host_path_directory(std::string_view path) {
  if (path.size() > 4096 || path.empty() || path.front() != '/' || path.find('\0') != path.npos)
    return false;
  std::string_view last;
  for (auto rest = path.substr(1);; rest.remove_prefix(last.size() + 1)) {
    last = rest.substr(0, rest.find('/'));
    if (last.empty() || last == "." || last == "..") return false;
    if (last.size() == rest.size()) break;
  }
  if (!last.starts_with(volume_prefix) || last.size() != volume_prefix.size() + uid_length ||
      last.size() + 1 == path.size())
    return false;
  return last.find_first_not_of("0123456789abcdef-", volume_prefix.size()) == last.npos;
}

std::optional<host_path_remains> remains_of_host_path(const json& volume,
                                                      const std::vector<std::string>& roots) {
  if (!is_host_path(volume) || at(volume, {"metadata", "deletionTimestamp"}).is_null() ||
      !has_finalizer(volume, host_path_finalizer) ||
      has_finalizer(volume, "kubernetes.io/pv-protection"))
    return std::nullopt;
  host_path_remains out;
  if (string_at(volume, {"spec", "persistentVolumeReclaimPolicy"}) != "Delete") return out;
  const auto path = string_at(volume, {"spec", "hostPath", "path"});
  const auto name = string_at(volume, {"metadata", "name"});
  const bool ours = std::any_of(roots.begin(), roots.end(),
                                [&](const auto& root) { return path == root + "/" + name; });
  out.hostnames = hostnames_of(volume);
  if (ours && is_host_path_directory(path) && !out.hostnames.empty()) out.directory = path;
  return out;
}

std::optional<std::string> with_host_path_users(const json& volume,
                                                const std::set<std::string>& hostnames) {
  if (!is_host_path(volume) || !hostname_of(volume).empty()) return std::nullopt;
  auto all = hostnames_of(volume);
  const auto before = all.size();
  all.insert(hostnames.begin(), hostnames.end());
  if (all.size() == before) return std::nullopt;
  std::string out;
  for (const auto& name : all) out += (out.empty() ? "" : ",") + name;
  return out;
}

}  // namespace troupe::model
