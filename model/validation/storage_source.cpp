// The rules of volume sources that belong to a storage system, for volumes of pods and
// PersistentVolumes alike.

#include "model/go_text.hpp"
#include "model/label_names.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/storage.hpp"
#include "model/validation/volume.hpp"

#include <algorithm>
#include <initializer_list>

namespace troupe::model {
namespace {

using source_rule = void (*)(const json& source, const field_path& path, const source_place& in,
                             faults& out);

struct source_type {
  const char* name;
  const char* shown;  ///< in faults
  /// What a PersistentVolume's must have; a pod's is told by its schema.
  std::initializer_list<const char*> required;
  source_rule judge = nullptr;
};

void require(const json& source, const char* name, const field_path& path, faults& out) {
  const json& value = value_of(source, name);
  const bool absent = value.is_null() || (value.is_string() && as_text(value).empty()) ||
                      (value.is_array() && value.empty());
  if (absent) out.required(path.child(name));
}

// A secret that is referred to has a name, and a PersistentVolume's a namespace.
void judge_secret(const json& source, const field_path& path, const source_place& in, faults& out) {
  const json& secret = value_of(source, "secretRef");
  if (secret.is_null()) return;
  require(secret, "name", path.child("secretRef"), out);
  if (in.persistent) require(secret, "namespace", path.child("secretRef"), out);
}

void judge_host_path(const json& source, const field_path& path, const source_place& in,
                     faults& out) {
  validate_no_backsteps(text_of(source, "path"), path.child("path"), out);
  if (!in.persistent) return;  // a pod's schema knows the types
  constexpr std::string_view types[] = {
      "",     "BlockDevice",  "CharDevice", "Directory", "DirectoryOrCreate",
      "File", "FileOrCreate", "Socket"};
  const json& type = value_of(source, "type");
  if (!type.is_null() && std::ranges::find(types, as_text(type)) == std::end(types))
    out.not_supported(path.child("type"), as_text(type), types);
}

void judge_partition(const json& source, const field_path& path, const source_place&, faults& out) {
  // 0 stands for the whole disk, though the words leave it out.
  const auto number = integer_of(source, "partition");
  if (number < 0 || number > 255)
    out.invalid(path.child("partition"), number, "must be between 1 and 255, inclusive");
}

void judge_gce(const json& source, const field_path& path, const source_place& in, faults& out) {
  require(source, "pdName", path, out);
  judge_partition(source, path, in, out);
}

void judge_lun(const json& source, const field_path& path, faults& out) {
  const auto lun = integer_of(source, "lun");
  if (lun < 0 || lun > 255)
    out.invalid(path.child("lun"), lun, "must be between 0 and 255, inclusive");
}

void judge_glusterfs(const json& source, const field_path& path, const source_place&, faults& out) {
  const json& ns = value_of(source, "endpointsNamespace");
  const field_path here = path.child("endpointsNamespace");
  if (ns == "")
    out.invalid(here, ns, "if the endpointnamespace is set, it must be a valid namespace name");
  else if (!ns.is_null())
    out.check(here, as_text(ns), dns_label_fault(as_text(ns)));
}

void judge_flocker(const json& source, const field_path& path, const source_place&, faults& out) {
  const auto name = text_of(source, "datasetName");
  const auto uuid = text_of(source, "datasetUUID");
  if (name.empty() && uuid.empty())
    out.required(path, "one of datasetName and datasetUUID is required");
  if (!name.empty() && !uuid.empty())
    out.invalid(path, "resource",
                "datasetName and datasetUUID can not be specified simultaneously");
  if (name.find('/') != name.npos)
    out.invalid(path.child("datasetName"), name, "must not contain '/'");
}

void judge_nfs(const json& source, const field_path& path, const source_place&, faults& out) {
  if (const auto text = text_of(source, "path"); !text.starts_with('/'))
    out.invalid(path.child("path"), text, "must be an absolute path");
}

void judge_quobyte(const json& source, const field_path& path, const source_place& in,
                   faults& out) {
  constexpr std::string_view pairs =
      "must be a host:port pair or multiple pairs separated by commas";
  constexpr std::size_t longest_tenant = 64;
  const auto registry = text_of(source, "registry");
  if (registry.empty()) {
    out.required(path.child("registry"), pairs);
  } else if (text_of(source, "tenant").size() > longest_tenant) {
    out.required(path.child("tenant"),
                 "must be a UUID and may not exceed a length of 64 characters");
  } else {
    for (auto rest = registry; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      if (rest.substr(0, end).find(':') == rest.npos)
        out.invalid(path.child("registry"), registry, pairs);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  if (in.persistent) require(source, "volume", path, out);
}

void judge_fibre_channel(const json& source, const field_path& path, const source_place&,
                         faults& out) {
  const auto& targets = items_of(source, "targetWWNs");
  const auto& wwids = items_of(source, "wwids");
  const field_path targets_path = path.child("targetWWNs");
  if (targets.empty() && wwids.empty())
    out.required(targets_path, "must specify either targetWWNs or wwids, but not both");
  if (!targets.empty() && !wwids.empty())
    out.invalid(targets_path, go_strings(targets),
                "targetWWNs and wwids can not be specified simultaneously");
  if (targets.empty()) return;
  if (value_of(source, "lun").is_null())
    out.required(path.child("lun"), "lun is required if targetWWNs is specified");
  else
    judge_lun(source, path, out);
}

void judge_flex(const json& source, const field_path& path, const source_place&, faults& out) {
  const field_path options_path = path.child("options");
  for (const auto& [key, value] : members_of(source, "options")) {
    const std::string domain = "." + lower_case(key.substr(0, key.find('/')));
    if (domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io"))
      out.invalid(options_path.key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
  }
}

void judge_azure_file(const json& source, const field_path& path, const source_place&,
                      faults& out) {
  if (value_of(source, "secretNamespace") == "") out.required(path.child("secretNamespace"));
}

void judge_azure_disk(const json& source, const field_path& path, const source_place&,
                      faults& out) {
  const auto uri = text_of(source, "diskURI");
  const json& mode = value_of(source, "cachingMode");
  const json& kind = value_of(source, "kind");
  if (!mode.is_null() && mode != "None" && mode != "ReadOnly" && mode != "ReadWrite")
    out.not_supported(path.child("cachingMode"), as_text(mode), {"None", "ReadOnly", "ReadWrite"});
  if (kind.is_null()) return;
  if (kind != "Dedicated" && kind != "Managed" && kind != "Shared")
    out.not_supported(path.child("kind"), as_text(kind), {"Dedicated", "Managed", "Shared"});
  if (kind == "Managed" && !uri.starts_with("/subscriptions/"))
    out.not_supported(path.child("diskURI"), uri,
                      {"/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/"
                       "microsoft.compute/disks/{disk-id}"});
  if (kind != "Managed" && !uri.starts_with("https://"))
    out.not_supported(
        path.child("diskURI"), uri,
        {"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"});
}

void judge_local(const json& source, const field_path& path, const source_place&, faults& out) {
  validate_no_backsteps(text_of(source, "path"), path.child("path"), out);
}

void judge_storage_os(const json& source, const field_path& path, const source_place& in,
                      faults& out) {
  const auto name = text_of(source, "volumeName");
  if (name.empty())
    out.required(path.child("volumeName"));
  else
    out.check(path.child("volumeName"), name, dns_label_fault(name));
  if (const auto ns = text_of(source, "volumeNamespace"); !ns.empty())
    out.check(path.child("volumeNamespace"), ns, dns_label_fault(ns));
  judge_secret(source, path, in, out);
}

void judge_git_repo(const json& source, const field_path& path, const source_place&, faults& out) {
  validate_descending(text_of(source, "directory"), path.child("directory"), out);
}

// A PersistentVolume names its secrets with their namespaces, a pod one in its own.
void judge_csi(const json& source, const field_path& path, const source_place& in, faults& out) {
  validate_csi_driver(text_of(source, "driver"), path.child("driver"), out);
  if (!in.persistent) {
    const json& secret = value_of(source, "nodePublishSecretRef");
    const auto name = text_of(secret, "name");
    if (!secret.is_null()) require(secret, "name", path.child("nodePublishSecretRef"), out);
    if (!name.empty()) out.check(path.child("name"), name, dns_subdomain_fault(name));
    return;
  }
  require(source, "volumeHandle", path, out);
  for (const char* member : {"controllerPublishSecretRef", "controllerExpandSecretRef",
                             "nodePublishSecretRef", "nodeExpandSecretRef"}) {
    const json& secret = value_of(source, member);
    if (secret.is_null()) continue;
    const field_path here = path.child(member);
    require(secret, "name", here, out);
    require(secret, "namespace", here, out);
    if (const auto name = text_of(secret, "name"); !name.empty())
      out.check(here.child("name"), name, dns_subdomain_fault(name));
    if (const auto ns = text_of(secret, "namespace"); !ns.empty())
      out.check(here.child("namespace"), ns, dns_label_fault(ns));
  }
}

const source_type source_types[] = {
    {"hostPath", "hostPath", {"path"}, judge_host_path},
    {"gcePersistentDisk", "persistentDisk", {}, judge_gce},
    {"awsElasticBlockStore", "awsElasticBlockStore", {"volumeID"}, judge_partition},
    {"glusterfs", "glusterfs", {"endpoints", "path"}, judge_glusterfs},
    {"flocker", "flocker", {}, judge_flocker},
    {"nfs", "nfs", {"server", "path"}, judge_nfs},
    {"rbd", "rbd", {"monitors", "image"}},
    {"quobyte", "quobyte", {}, judge_quobyte},
    {"cephfs", "cephfs", {"monitors"}},
    {"iscsi", "iscsi", {"targetPortal", "iqn"}, validate_iscsi},
    {"cinder", "cinder", {"volumeID"}, judge_secret},
    {"fc", "fc", {}, judge_fibre_channel},
    {"flexVolume", "flexVolume", {"driver"}, judge_flex},
    {"azureFile", "azureFile", {"secretName", "shareName"}, judge_azure_file},
    {"vsphereVolume", "vsphereVolume", {"volumePath"}},
    {"photonPersistentDisk", "photonPersistentDisk", {"pdID"}},
    {"portworxVolume", "portworxVolume", {"volumeID"}},
    {"azureDisk", "azureDisk", {"diskName", "diskURI"}, judge_azure_disk},
    {"scaleIO", "scaleIO", {"gateway", "system", "volumeName"}},
    {"local", "local", {"path"}, judge_local},
    {"storageos", "storageos", {}, judge_storage_os},
    {"csi", "csi", {}, judge_csi},
    {"gitRepo", "gitRepo", {}, judge_git_repo},
};

void judge(const source_type& type, const json& source, const source_place& in, faults& out) {
  const field_path here = in.path.child(type.shown);
  if (in.persistent)
    for (const char* name : type.required) require(source, name, here, out);
  if (type.judge) type.judge(source, here, in, out);
}

}  // namespace

json volume_source_of(const json& spec) {
  json out = json::object();
  for (const auto& type : source_types)
    if (const json& source = value_of(spec, type.name); !source.is_null()) out[type.name] = source;
  return out;
}

void validate_volume_source(const json& spec, std::string_view volume, const field_path& path,
                            faults& out) {
  bool found = false;
  for (const auto& type : source_types) {
    const json& source = value_of(spec, type.name);
    if (source.is_null()) continue;
    if (std::exchange(found, true))
      out.forbidden(path.child(type.name), "may not specify more than 1 volume type");
    else
      judge(type, source, {true, volume, path}, out);
  }
  if (!found) out.required(path, "must specify a volume type");
}

void validate_pod_volume_source(std::string_view type, std::string_view volume, const json& source,
                                const field_path& path, faults& out) {
  const auto* found = std::ranges::find(source_types, type, &source_type::name);
  if (found != std::end(source_types)) judge(*found, source, {false, volume, path}, out);
}

void validate_csi_driver(std::string_view driver, const field_path& path, faults& out) {
  constexpr std::size_t longest = 63;
  if (driver.empty()) out.required(path);
  if (driver.size() > longest) out.too_long(path, longest);
  out.check(path, driver, dns_subdomain_fault(lower_case(driver)));
}

void validate_claim_template(const json& tmpl, const field_path& path, faults& out) {
  const field_path metadata_path = path.child("metadata");
  const json& metadata = value_of(tmpl, "metadata");
  validate_annotations(metadata, metadata_path.child("annotations"), out);
  validate_labels(members_of(metadata, "labels"), metadata_path.child("labels"), out);
  for (const auto& [name, value] : members_of(tmpl, "metadata"))
    if (name != "annotations" && name != "labels")
      out.forbidden(metadata_path.child(name), "cannot be set");
  validate_claim_spec(value_of(tmpl, "spec"), path.child("spec"), out);
}

}  // namespace troupe::model
