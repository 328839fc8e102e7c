#include "model/validation/volume.hpp"

#include "model/label_names.hpp"
#include "model/quantity.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/storage.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// In the order in which Kubernetes looks: of several types only the first is judged.
constexpr const char* types[] = {"emptyDir",
                                 "hostPath",
                                 "gitRepo",
                                 "gcePersistentDisk",
                                 "awsElasticBlockStore",
                                 "secret",
                                 "nfs",
                                 "iscsi",
                                 "glusterfs",
                                 "flocker",
                                 "persistentVolumeClaim",
                                 "rbd",
                                 "cinder",
                                 "cephfs",
                                 "quobyte",
                                 "downwardAPI",
                                 "fc",
                                 "flexVolume",
                                 "configMap",
                                 "azureFile",
                                 "vsphereVolume",
                                 "photonPersistentDisk",
                                 "portworxVolume",
                                 "azureDisk",
                                 "storageos",
                                 "projected",
                                 "scaleIO",
                                 "csi",
                                 "ephemeral",
                                 "image"};

/// What the fault about a second type calls it.
const char* second_name(std::string_view type) {
  if (type == "cephfs") return "cephFS";
  return type == "downwardAPI" ? "downwarAPI" : type.data();
}

void validate_downward(const json& source, const field_path& path, faults& out) {
  validate_file_mode(source, "defaultMode", path, out);
  for (const json& file : items_of(source, "items")) validate_downward_file(file, path, out);
}

void validate_ephemeral(const json& source, std::string_view volume, const json& metadata,
                        const field_path& path, const field_path& volume_path, faults& out) {
  const json& tmpl = value_of(source, "volumeClaimTemplate");
  if (tmpl.is_null())
    out.required(path.child("volumeClaimTemplate"));
  else
    validate_claim_template(tmpl, path.child("volumeClaimTemplate"), out);
  const auto pod = text_of(metadata, "name");
  if (pod.empty() || volume.empty()) return;
  const std::string claim = std::string(pod) + "-" + std::string(volume);
  if (const auto fault = dns_subdomain_fault(claim); !fault.empty())
    out.invalid(volume_path.child("name"), volume, "PVC name \"" + claim + "\": " + fault);
}

void validate_source(std::string_view type, const json& volume, const json& metadata,
                     const field_path& volume_path, faults& out) {
  const json& source = value_of(volume, type.data());
  const auto name = text_of(volume, "name");
  const field_path path = volume_path.child(type);
  if (type == "emptyDir") {
    const auto limit = quantity::parse(text_of(source, "sizeLimit"));
    if (limit && limit->negative())
      out.forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
  } else if (type == "secret") {
    if (text_of(source, "secretName").empty()) out.required(path.child("secretName"));
    validate_keys(source, path, out);
  } else if (type == "configMap") {
    if (text_of(source, "name").empty()) out.required(path.child("name"));
    validate_keys(source, path, out);
  } else if (type == "downwardAPI") {
    validate_downward(source, path, out);
  } else if (type == "projected") {
    validate_projected(source, path, out);
  } else if (type == "ephemeral") {
    validate_ephemeral(source, name, metadata, path, volume_path, out);
  } else if (type == "image") {
    if (metadata.is_object() && text_of(source, "reference").empty())
      out.required(path.child("reference"));
  } else {
    validate_pod_volume_source(type, name, source, volume_path, out);
  }
}

void validate_volume(const json& volume, const json& metadata, const field_path& path,
                     faults& out) {
  int sources = 0;
  for (const char* type : types) {
    if (!volume.contains(type)) continue;
    if (++sources > 1)
      out.forbidden(path.child(second_name(type)), "may not specify more than 1 volume type");
    else
      validate_source(type, volume, metadata, path, out);
  }
  if (sources == 0) out.required(path, "must specify a volume type");
}

/// A claim that a pod's own volume makes is not one to refer to.
void validate_claim_reference(const json& spec, const json& volume, const json& metadata,
                              const field_path& path, faults& out) {
  const auto claim = text_of(value_of(volume, "persistentVolumeClaim"), "claimName");
  const auto pod = text_of(metadata, "name");
  if (claim.empty() || pod.empty() || !claim.starts_with(pod)) return;
  const auto made = [&](const json& other) {
    return other.contains("ephemeral") &&
           claim == std::string(pod) + "-" + std::string(text_of(other, "name"));
  };
  const field_path source_path = path.child("persistentVolumeClaim");
  if (std::ranges::any_of(items_of(spec, "volumes"), made))
    out.invalid(source_path.child("claimName"), claim,
                "must not reference a PVC that gets created for an ephemeral volume");
}

}  // namespace

void validate_no_backsteps(std::string_view value, const field_path& path, faults& out) {
  for (auto rest = value; !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    if (rest.substr(0, end) == "..") return out.invalid(path, value, "must not contain '..'");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void validate_descending(std::string_view value, const field_path& path, faults& out) {
  if (value.starts_with('/')) out.invalid(path, value, "must be a relative path");
  validate_no_backsteps(value, path, out);
}

void validate_local_path(std::string_view value, const field_path& path, faults& out) {
  const auto before = out.size();
  validate_descending(value, path, out);
  if (out.size() == before && value.starts_with("..") && !value.starts_with("../"))
    out.invalid(path, value, "must not start with '..'");
}

void validate_file_mode(const json& source, const char* name, const field_path& path, faults& out) {
  const json& mode = value_of(source, name);
  if (!mode.is_number_integer()) return;
  if (const auto value = mode.get<std::int64_t>(); value < 0 || value > 0777)
    out.invalid(path.child(name), mode,
                "must be a number between 0 and 0777 (octal), both inclusive");
}

void validate_keys(const json& source, const field_path& source_path, faults& out) {
  validate_file_mode(source, "defaultMode", source_path, out);
  const field_path path = source_path.child("items");
  const auto& items = items_of(source, "items");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const field_path here = path.index(i);
    validate_local_path(text_of(items[i], "path"), here.child("path"), out);
    validate_file_mode(items[i], "mode", here, out);
  }
}

void validate_downward_file(const json& file, const field_path& path, faults& out) {
  const auto place = text_of(file, "path");
  if (place.empty()) out.required(path.child("path"));
  validate_local_path(place, path.child("path"), out);
  const json& field = value_of(file, "fieldRef");
  const json& resource = value_of(file, "resourceFieldRef");
  if (field.is_object()) {
    validate_field_ref(field, true, path.child("fieldRef"), out);
    if (resource.is_object())
      out.invalid(path, "resource",
                  "fieldRef and resourceFieldRef can not be specified simultaneously");
  } else if (resource.is_object()) {
    validate_resource_ref(resource, true, path.child("resourceFieldRef"), out);
  } else {
    out.required(path, "one of fieldRef and resourceFieldRef is required");
  }
  validate_file_mode(file, "mode", path, out);
}

volume_index validate_volumes(const json& spec, const json& metadata, const field_path& spec_path,
                              faults& out) {
  volume_index valid;
  const field_path path = spec_path.child("volumes");
  const auto& volumes = items_of(spec, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const field_path here = path.index(i);
    const auto before = out.size();
    validate_volume(volumes[i], metadata, here, out);
    const auto name = text_of(volumes[i], "name");
    if (!name.empty()) out.check(here.child("name"), name, dns_label_fault(name));
    if (find_volume(valid, name)) out.duplicate(here.child("name"), name);
    if (out.size() == before && !name.empty()) valid.emplace_back(name, &volumes[i]);
    validate_claim_reference(spec, volumes[i], metadata, here, out);
  }
  return valid;
}

const json* find_volume(const volume_index& volumes, std::string_view name) {
  const auto found = std::ranges::find(volumes, name, [](const auto& v) { return v.first; });
  return found == volumes.end() ? nullptr : found->second;
}

}  // namespace troupe::model
