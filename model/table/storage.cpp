// Tables of volumes and what provides them.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

// "RWO,ROX", in Kubernetes' order.
std::string access_modes(const json& modes) {
  std::string out;
  for (const auto& [name, brief] : {std::pair{"ReadWriteOnce", "RWO"},
                                    {"ReadOnlyMany", "ROX"},
                                    {"ReadWriteMany", "RWX"},
                                    {"ReadWriteOncePod", "RWOP"}})
    for (const json& mode : modes)
      if (mode == name) {
        out += (out.empty() ? "" : ",") + std::string(brief);
        break;
      }
  return out;
}

json storage_class(const json& o) {
  const std::string old =
      string_at(o, {"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"});
  return old.empty() ? string_at(o, {"spec", "storageClassName"}) : old;
}

json phase(const json& o) {
  return at(o, {"metadata", "deletionTimestamp"}).is_string() ? "Terminating"
                                                              : string_at(o, {"status", "phase"});
}

json claim(const json& o) {
  const json& ref = at(o, {"spec", "claimRef"});
  if (!ref.is_object()) return "";
  return string_at(ref, {"namespace"}) + "/" + string_at(ref, {"name"});
}

// What a claim got is told once it has a volume.
json claim_capacity(const json& o) {
  if (string_at(o, {"spec", "volumeName"}).empty()) return "";
  return string_at(o, {"status", "capacity", "storage"}, "0");
}

json claim_modes(const json& o) {
  if (string_at(o, {"spec", "volumeName"}).empty()) return "";
  return access_modes(at(o, {"status", "accessModes"}));
}

json class_name(const json& o) {
  const json& annotations = at(o, {"metadata", "annotations"});
  const bool is_default =
      string_at(annotations, {"storageclass.kubernetes.io/is-default-class"}) == "true" ||
      string_at(annotations, {"storageclass.beta.kubernetes.io/is-default-class"}) == "true";
  return name_of(o) + (is_default ? " (default)" : "");
}

json token_audiences(const json& o) {
  const json& requests = at(o, {"spec", "tokenRequests"});
  return requests.is_null() ? "<unset>" : joined(requests, "audience");
}

shown_column volume_mode() {
  return wide(text_column("VolumeMode", "Filesystem or Block", "spec.volumeMode", "<unset>"));
}

shown_column attributes_class() {
  return text_column("VolumeAttributesClass", "The class of its attributes",
                     "spec.volumeAttributesClassName", "<unset>");
}

printer volumes() {
  return {"persistentvolumes",
          {name_column(), text_column("Capacity", "Its size", "spec.capacity.storage", "0"),
           made_column("Access Modes", "How it may be mounted",
                       [](const json& o) -> json {
                         return access_modes(at(o, {"spec", "accessModes"}));
                       }),
           text_column("Reclaim Policy", "What becomes of it without a claim",
                       "spec.persistentVolumeReclaimPolicy"),
           made_column("Status", "Its phase", phase), made_column("Claim", "Who has it", claim),
           made_column("StorageClass", "Its storage class", storage_class), attributes_class(),
           text_column("Reason", "Why its phase is what it is", "status.reason"), age_column(),
           volume_mode()}};
}

printer claims() {
  return {"persistentvolumeclaims",
          {name_column(), made_column("Status", "Its phase", phase),
           text_column("Volume", "The volume it got", "spec.volumeName"),
           made_column("Capacity", "The size it got", claim_capacity),
           made_column("Access Modes", "How its volume may be mounted", claim_modes),
           made_column("StorageClass", "Its storage class", storage_class), attributes_class(),
           age_column(), volume_mode()}};
}

printer csi_drivers() {
  return {
      "csidrivers.storage.k8s.io",
      {name_column(),
       boolean_column("AttachRequired", "Whether volumes are attached first", "spec.attachRequired",
                      true),
       boolean_column("PodInfoOnMount", "Whether it hears of the pod", "spec.podInfoOnMount"),
       boolean_column("StorageCapacity", "Whether it publishes capacities", "spec.storageCapacity"),
       made_column("TokenRequests", "Audiences of the tokens it wants", token_audiences),
       boolean_column("RequiresRepublish", "Whether mounts are repeated", "spec.requiresRepublish"),
       made_column("Modes", "Kinds of volumes it serves",
                   [](const json& o) -> json {
                     return or_none(joined(at(o, {"spec", "volumeLifecycleModes"})));
                   }),
       age_column()}};
}

}  // namespace

std::span<const printer> storage_printers() {
  auto attacher = text_column("Attacher", "The driver that attaches it", "spec.attacher");
  attacher.format = "name";
  static const printer all[] = {
      volumes(),
      claims(),
      csi_drivers(),
      {"storageclasses.storage.k8s.io",
       {{{"Name", "string", "name", "Its name, marked when it is the default"},
         [](const json& o, time_point) { return class_name(o); }},
        text_column("Provisioner", "Who makes its volumes", "provisioner"),
        text_column("ReclaimPolicy", "What becomes of its volumes", "reclaimPolicy", "Delete"),
        text_column("VolumeBindingMode", "When a claim gets its volume", "volumeBindingMode",
                    "Immediate"),
        [] {
          auto c = boolean_column("AllowVolumeExpansion", "Whether volumes may grow",
                                  "allowVolumeExpansion");
          c.type = "string";
          return c;
        }(),
        age_column()}},
      {"volumeattachments.storage.k8s.io",
       {name_column(), attacher,
        text_column("PV", "The volume", "spec.source.persistentVolumeName"),
        text_column("Node", "Where to", "spec.nodeName"),
        boolean_column("Attached", "Whether it is attached", "status.attached"), age_column()}},
      {"csinodes.storage.k8s.io",
       {name_column(), count_column("Drivers", "Drivers on the node", "spec.drivers"),
        age_column()}},
      {"csistoragecapacities.storage.k8s.io",
       {name_column(), text_column("StorageClassName", "Whose capacity it is", "storageClassName"),
        text_column("Capacity", "What is left", "capacity", "<unset>")}}};
  return all;
}

}  // namespace troupe::model
