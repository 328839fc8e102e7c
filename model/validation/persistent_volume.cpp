#include "model/go_text.hpp"
#include "model/label_names.hpp"
#include "model/quantity.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/storage.hpp"

#include <array>

namespace troupe::model {
namespace {

constexpr const char* old_class = "volume.beta.kubernetes.io/storage-class";
constexpr std::string_view inlined = "may not be specified in the context of inline volumes";

std::optional<quantity> amount_of(const json& value) {
  return value.is_string() ? quantity::parse(as_text(value)) : std::nullopt;
}

void validate_positive(const json& value, const field_path& path, faults& out) {
  const auto amount = amount_of(value);
  if (amount && (amount->negative() || amount->zero()))
    out.invalid(path, value, "must be greater than zero");
}

void validate_capacity(const json& spec, const field_path& spec_path, faults& out) {
  static constexpr std::array storage = {std::string_view("storage")};
  const field_path path = spec_path.child("capacity");
  const auto& capacity = members_of(spec, "capacity");
  if (capacity.empty()) out.required(path);
  if (!capacity.contains("storage") || capacity.size() > 1)
    out.not_supported(
        path,
        go_text{capacity.empty() ? "core.ResourceList(nil)" : value_of(spec, "capacity").dump()},
        storage);
  for (const auto& [name, value] : capacity) validate_positive(value, path.key(name), out);
}

void validate_class(const json& spec, const field_path& path, faults& out) {
  if (const auto name = text_of(spec, "storageClassName"); !name.empty())
    out.check(path.child("storageClassName"), name, dns_subdomain_fault(name));
  const json& mode = value_of(spec, "volumeMode");
  if (!mode.is_null() && mode != "Block" && mode != "Filesystem")
    out.not_supported(path.child("volumeMode"), as_text(mode), {"Block", "Filesystem"});
}

void validate_volume_affinity(const json& spec, const field_path& spec_path, faults& out) {
  const json& affinity = value_of(spec, "nodeAffinity");
  if (affinity.is_null()) return;
  const field_path path = spec_path.child("nodeAffinity");
  const json& needed = value_of(affinity, "required");
  if (needed.is_null())
    out.required(path.child("required"), "must specify required node constraints");
  else
    validate_node_selector(needed, path.child("required"), out);
}

/// "/" however it is written.
bool is_root(std::string_view path) {
  return path.starts_with('/') && path.find_first_not_of("/.") == path.npos;
}

void validate_data_source(const json& spec, const char* name, const field_path& spec_path,
                          faults& out) {
  const json& source = value_of(spec, name);
  if (source.is_null()) return;
  const field_path path = spec_path.child(name);
  for (const char* field : {"name", "kind"})
    if (text_of(source, field).empty()) out.required(path.child(field));
  const auto group = text_of(source, "apiGroup");
  const auto kind = text_of(source, "kind");
  if (group.empty() && kind != "PersistentVolumeClaim")
    out.invalid(path, kind,
                "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  if (!group.empty()) out.check(path.child("apiGroup"), group, dns_subdomain_fault(group));
  if (const auto ns = text_of(source, "namespace"); !ns.empty())
    out.check(path.child("namespace"), ns, dns_label_fault(ns));
}

void validate_data_sources(const json& spec, const field_path& path, faults& out) {
  validate_data_source(spec, "dataSource", path, out);
  validate_data_source(spec, "dataSourceRef", path, out);
  const json& source = value_of(spec, "dataSource");
  const json& ref = value_of(spec, "dataSourceRef");
  if (source.is_null() || ref.is_null()) return;
  const std::string shown = path.child("dataSource").text();
  if (!text_of(ref, "namespace").empty())
    return out.invalid(path, go_text{shown},
                       "may not be specified when dataSourceRef.namespace is specified");
  for (const char* field : {"apiGroup", "kind", "name"})
    if (value_of(source, field) != value_of(ref, field))
      return out.invalid(path, go_text{shown}, "must match dataSourceRef");
}

/// A claim's class may be named later, once: in the field after the annotation of old, or where
/// there was none.
void allow_naming_class(const json& old, const json& claim, json& spec) {
  const json& before = at(old, {"spec", "storageClassName"});
  const json& now = value_of(spec, "storageClassName");
  if (!before.is_null() || now.is_null()) return;
  const json& annotated = at(old, {"metadata", "annotations", old_class});
  const json& annotated_now = at(claim, {"metadata", "annotations", old_class});
  if (annotated.is_null() ||
      (annotated == now && (annotated_now.is_null() || annotated_now == now)))
    spec.erase("storageClassName");
}

/// What of a claim's spec stays as it was.
json kept_of_claim(const json& old, const json& claim) {
  json spec = value_of(claim, "spec");
  const json& before = value_of(old, "spec");
  if (text_of(before, "volumeName").empty()) spec.erase("volumeName");
  allow_naming_class(old, claim, spec);
  if (string_at(claim, {"status", "phase"}) != "Bound") return spec;
  const json& size = at(before, {"resources", "requests", "storage"});
  if (!at(spec, {"resources", "requests"}).is_null() && !size.is_null())
    spec["resources"]["requests"]["storage"] = size;
  return spec;
}

}  // namespace

void validate_access_modes(const json& spec, const field_path& spec_path,
                           std::string_view when_empty, faults& out) {
  const field_path path = spec_path.child("accessModes");
  const auto& modes = items_of(spec, "accessModes");
  if (modes.empty()) out.required(path, when_empty);
  bool one_pod = false, others = false;
  for (const json& mode : modes) {
    const bool shared =
        mode == "ReadOnlyMany" || mode == "ReadWriteMany" || mode == "ReadWriteOnce";
    if (mode == "ReadWriteOncePod")
      one_pod = true;
    else if (shared)
      others = true;
    else
      out.not_supported(path, as_text(mode),
                        {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"});
  }
  if (one_pod && others)
    out.forbidden(path, "may not use ReadWriteOncePod with other access modes");
}

void validate_inline_volume(const json& spec, const field_path& path, faults& out) {
  for (const char* name : {"claimRef", "capacity"})
    if (!value_of(spec, name).is_null()) out.forbidden(path.child(name), inlined);
  if (value_of(spec, "csi").is_null())
    out.required(path.child("csi"), "has to be specified in the context of inline volumes");
  validate_access_modes(spec, path, {}, out);
  if (const auto policy = text_of(spec, "persistentVolumeReclaimPolicy");
      !policy.empty() && policy != "Retain")
    out.forbidden(path.child("persistentVolumeReclaimPolicy"),
                  "may only be Retain in the context of inline volumes");
  if (!value_of(spec, "nodeAffinity").is_null()) out.forbidden(path.child("nodeAffinity"), inlined);
  validate_volume_source(spec, {}, path, out);
  if (!text_of(spec, "storageClassName").empty())
    out.forbidden(path.child("storageClassName"), inlined);
  if (const json& mode = value_of(spec, "volumeMode"); !mode.is_null() && mode != "Filesystem")
    out.forbidden(path.child("volumeMode"),
                  "may not specify volumeMode other than Filesystem in the context of inline "
                  "volumes");
}

void validate_persistent_volume(const json& volume, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(volume, "spec");
  const auto policy = text_of(spec, "persistentVolumeReclaimPolicy");
  validate_access_modes(spec, path, {}, out);
  validate_capacity(spec, path, out);
  if (!policy.empty() && policy != "Delete" && policy != "Recycle" && policy != "Retain")
    out.not_supported(path.child("persistentVolumeReclaimPolicy"), policy,
                      {"Delete", "Recycle", "Retain"});
  validate_volume_affinity(spec, path, out);
  validate_volume_source(spec, text_of(value_of(volume, "metadata"), "name"), path, out);
  if (!value_of(spec, "local").is_null() && value_of(spec, "nodeAffinity").is_null())
    out.required(path.child("nodeAffinity"), "Local volume requires node affinity");
  if (policy == "Recycle" && is_root(text_of(value_of(spec, "hostPath"), "path")))
    out.forbidden(path.child("persistentVolumeReclaimPolicy"),
                  "may not be 'recycle' for a hostPath mount of '/'");
  validate_class(spec, path, out);
}

void validate_persistent_volume_update(const json& old, const json& volume, faults& out) {
  validate_persistent_volume(volume, out);
  const json& before = value_of(old, "spec");
  const json& now = value_of(volume, "spec");
  json source = volume_source_of(now);
  // A secret for growing the volume may be added later.
  if (!source["csi"].is_null() && at(before, {"csi", "controllerExpandSecretRef"}).is_null())
    source["csi"].erase("controllerExpandSecretRef");
  if (source["csi"].is_null()) source.erase("csi");
  const field_path path("spec");
  if (source != volume_source_of(before))
    out.forbidden(path.child("persistentvolumesource"),
                  "spec.persistentvolumesource is immutable after creation");
  validate_immutable(value_of(before, "volumeMode"), value_of(now, "volumeMode"),
                     field_path("volumeMode"), out);
  const json& affinity = value_of(before, "nodeAffinity");
  if (!affinity.is_null() && affinity != value_of(now, "nodeAffinity"))
    out.invalid(field_path("nodeAffinity"), value_of(now, "nodeAffinity"),
                "field is immutable, except for updating from beta label to GA");
}

void validate_claim_spec(const json& spec, const field_path& path, faults& out) {
  validate_access_modes(spec, path, "at least 1 access mode is required", out);
  validate_label_selector(value_of(spec, "selector"), path.child("selector"), out);
  const field_path resources = path.child("resources");
  const json& size = at(spec, {"resources", "requests", "storage"});
  if (size.is_null())
    out.required(resources.key("storage"));
  else
    validate_positive(size, resources.key("storage"), out);
  validate_class(spec, path, out);
  validate_data_sources(spec, path, out);
}

void validate_claim(const json& claim, faults& out) {
  validate_claim_spec(value_of(claim, "spec"), field_path("spec"), out);
}

void validate_claim_update(const json& old, const json& claim, faults& out) {
  validate_claim(claim, out);
  const field_path path("spec");
  const json& before = value_of(old, "spec");
  const json& now = value_of(claim, "spec");
  json unchanged = before;
  if (text_of(before, "volumeName").empty()) unchanged.erase("volumeName");
  if (kept_of_claim(old, claim) != unchanged)
    out.forbidden(path,
                  "spec is immutable after creation except resources.requests and "
                  "volumeAttributesClassName for bound claims");
  const auto size = amount_of(at(now, {"resources", "requests", "storage"}));
  const auto size_before = amount_of(at(before, {"resources", "requests", "storage"}));
  if (size && size_before && *size < *size_before) {
    const auto has = amount_of(at(old, {"status", "capacity", "storage"}));
    const field_path resources = path.child("resources");
    const field_path requests = resources.child("requests");
    if (!has || *size <= *has)
      out.forbidden(requests.child("storage"), "field can not be less than status.capacity");
  }
  validate_immutable(value_of(before, "volumeMode"), value_of(now, "volumeMode"),
                     field_path("volumeMode"), out);
}

void validate_claim_status(const json&, const json& claim, faults& out) {
  const field_path status("status");
  const field_path path = status.child("capacity");
  for (const auto& [name, value] : members_of(value_of(claim, "status"), "capacity"))
    if (const auto amount = amount_of(value); amount && amount->negative())
      out.invalid(path.key(name), amount->value(), "must be a valid resource quantity");
}

}  // namespace troupe::model
