#include "model/volumes/host_path.hpp"

namespace troupe::model {

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
  return string_at(volume, {"metadata", "annotations", provisioned_by}) == host_path_provisioner &&
         string_at(volume, {"status", "phase"}) == "Released" &&
         string_at(volume, {"spec", "persistentVolumeReclaimPolicy"}) == "Delete" &&
         at(volume, {"metadata", "deletionTimestamp"}).is_null();
}

}  // namespace troupe::model
