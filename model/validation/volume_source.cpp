#include "model/label_names.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"
#include "model/validation/storage.hpp"
#include "model/validation/volume.hpp"

#include <initializer_list>

namespace troupe::model {
namespace {

using extra_rule = void (*)(const json& source, const field_path& path, faults& out);

/// A kind of source of a PersistentVolume: what of it must be there, and what else it asks for.
struct source_kind {
  const char* name;
  const char* shown;  ///< in faults
  std::initializer_list<const char*> required;
  extra_rule extra = nullptr;
};

bool is_absent(const json& value) {
  return value.is_null() || (value.is_string() && as_text(value).empty()) ||
         (value.is_array() && value.empty());
}

void no_backsteps(std::string_view text, const field_path& path, faults& out) {
  const std::string framed = "/" + std::string(text) + "/";
  if (framed.find("/../") != framed.npos) out.invalid(path, text, "must not contain '..'");
}

void host_path(const json& source, const field_path& path, faults& out) {
  no_backsteps(text_of(source, "path"), path.child("path"), out);
  constexpr std::string_view types[] = {
      "",     "BlockDevice",  "CharDevice", "Directory", "DirectoryOrCreate",
      "File", "FileOrCreate", "Socket"};
  const json& type = value_of(source, "type");
  if (!type.is_null() && std::ranges::find(types, as_text(type)) == std::end(types))
    out.not_supported(path.child("type"), as_text(type), types);
}

void partition(const json& source, const field_path& path, faults& out) {
  const auto number = integer_of(source, "partition");
  if (number < 0 || number > 255)
    out.invalid(path.child("partition"), number, "must be between 0 and 255, inclusive");
}

void glusterfs(const json& source, const field_path& path, faults& out) {
  const json& ns = value_of(source, "endpointsNamespace");
  const field_path here = path.child("endpointsNamespace");
  if (ns == "")
    out.invalid(here, ns, "if the endpointnamespace is set, it must be a valid namespace name");
  else if (!ns.is_null())
    out.check(here, as_text(ns), dns_label_fault(as_text(ns)));
}

void flocker(const json& source, const field_path& path, faults& out) {
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

void nfs(const json& source, const field_path& path, faults& out) {
  if (const auto text = text_of(source, "path"); !text.starts_with('/'))
    out.invalid(path.child("path"), text, "must be an absolute path");
}

void quobyte(const json& source, const field_path& path, faults& out) {
  constexpr std::string_view pairs =
      "must be a host:port pair or multiple pairs separated by commas";
  const auto registry = text_of(source, "registry");
  if (registry.empty())
    out.required(path.child("registry"), pairs);
  else if (text_of(source, "tenant").size() >= 65)
    out.required(path.child("tenant"),
                 "must be a UUID and may not exceed a length of 64 characters");
  else if (registry.find(':') == registry.npos)
    out.invalid(path.child("registry"), registry, pairs);
  if (text_of(source, "volume").empty()) out.required(path.child("volume"));
}

void iscsi(const json& source, const field_path& path, faults& out) {
  const auto iqn = text_of(source, "iqn");
  if (!iqn.empty() && !iqn.starts_with("iqn") && !iqn.starts_with("eui") && !iqn.starts_with("naa"))
    out.invalid(path.child("iqn"), iqn, "must be valid format starting with iqn, eui, or naa");
  const auto lun = integer_of(source, "lun");
  if (lun < 0 || lun > 255)
    out.invalid(path.child("lun"), lun, "must be between 0 and 255, inclusive");
  const bool authenticates =
      value_of(source, "chapAuthDiscovery") == true || value_of(source, "chapAuthSession") == true;
  if (authenticates && value_of(source, "secretRef").is_null())
    out.required(path.child("secretRef"));
}

void secret_of(const json& source, const field_path& path, faults& out) {
  const json& secret = value_of(source, "secretRef");
  if (secret.is_null()) return;
  const field_path here = path.child("secretRef");
  for (const char* name : {"name", "namespace"})
    if (text_of(secret, name).empty()) out.required(here.child(name));
}

void fibre_channel(const json& source, const field_path& path, faults& out) {
  const bool names = !items_of(source, "targetWWNs").empty();
  const bool ids = !items_of(source, "wwids").empty();
  if (!names && !ids)
    out.required(path.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both");
  if (names && ids)
    out.invalid(path.child("targetWWNs"), value_of(source, "targetWWNs"),
                "targetWWNs and wwids can not be specified simultaneously");
  if (!names) return;
  const json& lun = value_of(source, "lun");
  if (lun.is_null())
    out.required(path.child("lun"), "lun is required if targetWWNs is specified");
  else if (const auto number = integer_of(source, "lun"); number < 0 || number > 255)
    out.invalid(path.child("lun"), lun, "must be between 0 and 255, inclusive");
}

void flex_volume(const json& source, const field_path& path, faults& out) {
  const field_path options_path = path.child("options");
  for (const auto& [key, value] : members_of(source, "options")) {
    const std::string domain = "." + lower_case(key.substr(0, key.find('/')));
    if (domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io"))
      out.invalid(options_path.key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
  }
}

void azure_file(const json& source, const field_path& path, faults& out) {
  if (value_of(source, "secretNamespace") == "") out.required(path.child("secretNamespace"));
}

void azure_disk(const json& source, const field_path& path, faults& out) {
  const auto caching = text_of(source, "cachingMode");
  const auto kind = text_of(source, "kind");
  const auto uri = text_of(source, "diskURI");
  if (caching != "None" && caching != "ReadOnly" && caching != "ReadWrite")
    out.not_supported(path.child("cachingMode"), caching, {"None", "ReadOnly", "ReadWrite"});
  if (kind != "Dedicated" && kind != "Managed" && kind != "Shared")
    out.not_supported(path.child("kind"), kind, {"Dedicated", "Managed", "Shared"});
  if (kind == "Managed" && !uri.starts_with("/subscriptions/"))
    out.not_supported(path.child("diskURI"), uri,
                      {"/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/"
                       "microsoft.compute/disks/{disk-id}"});
  if (kind != "Managed" && !uri.starts_with("https://"))
    out.not_supported(
        path.child("diskURI"), uri,
        {"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"});
}

void local(const json& source, const field_path& path, faults& out) {
  no_backsteps(text_of(source, "path"), path.child("path"), out);
}

void storage_os(const json& source, const field_path& path, faults& out) {
  for (const char* name : {"volumeName", "volumeNamespace"})
    if (const auto text = text_of(source, name); !text.empty())
      out.check(path.child(name), text, dns_label_fault(text));
  secret_of(source, path, out);
}

void csi(const json& source, const field_path& path, faults& out) {
  validate_csi_driver(text_of(source, "driver"), path.child("driver"), out);
  if (text_of(source, "volumeHandle").empty()) out.required(path.child("volumeHandle"));
  for (const char* name : {"controllerPublishSecretRef", "controllerExpandSecretRef",
                           "nodePublishSecretRef", "nodeExpandSecretRef"}) {
    const json& secret = value_of(source, name);
    if (secret.is_null()) continue;
    const field_path here = path.child(name);
    const auto secret_name = text_of(secret, "name");
    const auto ns = text_of(secret, "namespace");
    if (secret_name.empty())
      out.required(here.child("name"));
    else
      out.check(here.child("name"), secret_name, dns_subdomain_fault(secret_name));
    if (ns.empty())
      out.required(here.child("namespace"));
    else
      out.check(here.child("namespace"), ns, dns_label_fault(ns));
  }
}

const source_kind source_kinds[] = {
    {"hostPath", "hostPath", {"path"}, host_path},
    {"gcePersistentDisk", "persistentDisk", {"pdName"}, partition},
    {"awsElasticBlockStore", "awsElasticBlockStore", {"volumeID"}, partition},
    {"glusterfs", "glusterfs", {"endpoints", "path"}, glusterfs},
    {"flocker", "flocker", {}, flocker},
    {"nfs", "nfs", {"server", "path"}, nfs},
    {"rbd", "rbd", {"monitors", "image"}},
    {"quobyte", "quobyte", {}, quobyte},
    {"cephfs", "cephfs", {"monitors"}},
    {"iscsi", "iscsi", {"targetPortal", "iqn"}, iscsi},
    {"cinder", "cinder", {"volumeID"}, secret_of},
    {"fc", "fc", {}, fibre_channel},
    {"flexVolume", "flexVolume", {"driver"}, flex_volume},
    {"azureFile", "azureFile", {"secretName", "shareName"}, azure_file},
    {"vsphereVolume", "vsphereVolume", {"volumePath"}},
    {"photonPersistentDisk", "photonPersistentDisk", {"pdID"}},
    {"portworxVolume", "portworxVolume", {"volumeID"}},
    {"azureDisk", "azureDisk", {"diskName", "diskURI"}, azure_disk},
    {"scaleIO", "scaleIO", {"gateway", "system", "volumeName"}},
    {"local", "local", {"path"}, local},
    {"storageos", "storageos", {"volumeName"}, storage_os},
    {"csi", "csi", {}, csi},
};

}  // namespace

json volume_source_of(const json& spec) {
  json out = json::object();
  for (const auto& kind : source_kinds)
    if (const json& source = value_of(spec, kind.name); !source.is_null()) out[kind.name] = source;
  return out;
}

void validate_volume_source(const json& spec, const field_path& path, faults& out) {
  bool found = false;
  for (const auto& kind : source_kinds) {
    const json& source = value_of(spec, kind.name);
    if (source.is_null()) continue;
    if (found) {
      out.forbidden(path.child(kind.name), "may not specify more than 1 volume type");
      continue;
    }
    found = true;
    const field_path here = path.child(kind.shown);
    for (const char* name : kind.required)
      if (is_absent(value_of(source, name))) out.required(here.child(name));
    if (kind.extra) kind.extra(source, here, out);
  }
  if (!found) out.required(path, "must specify a volume type");
}

}  // namespace troupe::model
