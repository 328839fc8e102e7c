#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// Kubernetes names the list of mounts, not the mount, for what lies below.
void validate_details(const json& mount, bool privileged, const field_path& path, faults& out) {
  const auto propagation = text_of(mount, "mountPropagation");
  if (!propagation.empty()) {
    if (propagation != "None" && propagation != "HostToContainer" && propagation != "Bidirectional")
      out.not_supported(path.child("mountPropagation"), propagation,
                        {"Bidirectional", "HostToContainer", "None"});
    if (propagation == "Bidirectional" && !privileged)
      out.forbidden(path.child("mountPropagation"),
                    "Bidirectional mount propagation is available only to privileged containers");
  }
  const auto recursive = text_of(mount, "recursiveReadOnly");
  const field_path here = path.child("recursiveReadOnly");
  if (recursive.empty() || recursive == "Disabled") return;
  if (recursive != "Enabled" && recursive != "IfPossible")
    return out.not_supported(here, recursive, {"Disabled", "Enabled", "IfPossible"});
  if (value_of(mount, "readOnly") != true)
    out.forbidden(here, "may only be specified when readOnly is true");
  if (!propagation.empty() && propagation != "None")
    out.forbidden(here, "may only be specified when mountPropagation is None or not specified");
}

void validate_sub_paths(const json& mount, bool of_image, const field_path& list_path,
                        const field_path& path, faults& out) {
  const auto plain = text_of(mount, "subPath");
  const auto expression = text_of(mount, "subPathExpr");
  if (of_image && !plain.empty())
    out.invalid(path.child("subPath"), plain, "not allowed in image volume sources");
  if (of_image && !expression.empty())
    out.invalid(path.child("subPathExpr"), expression, "not allowed in image volume sources");
  if (!plain.empty()) validate_descending(plain, list_path.child("subPath"), out);
  if (expression.empty()) return;
  if (!plain.empty())
    out.invalid(path.child("subPathExpr"), expression,
                "subPathExpr and subPath are mutually exclusive");
  validate_descending(expression, list_path.child("subPathExpr"), out);
}

bool any_is(const json::array_t& list, const char* name, std::string_view value) {
  return std::ranges::any_of(list, [&](const json& item) { return text_of(item, name) == value; });
}

void validate_volume_mounts(const json& container, const volume_index& volumes,
                            const field_path& container_path, faults& out) {
  const field_path path = container_path.child("volumeMounts");
  const auto& mounts = items_of(container, "volumeMounts");
  const auto& devices = items_of(container, "volumeDevices");
  const bool privileged = value_of(value_of(container, "securityContext"), "privileged") == true;
  name_set places;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const field_path here = path.index(i);
    const auto name = text_of(mounts[i], "name");
    const auto place = text_of(mounts[i], "mountPath");
    const json* volume = find_volume(volumes, name);
    if (!volume) out.not_found(here.child("name"), name);
    if (!places.insert(place).second) out.invalid(here.child("mountPath"), place, "must be unique");
    if (any_is(devices, "name", name))
      out.invalid(here.child("name"), name, "must not already exist in volumeDevices");
    if (any_is(devices, "devicePath", place))
      out.invalid(here.child("mountPath"), place,
                  "must not already exist as a path in volumeDevices");
    validate_sub_paths(mounts[i], volume && volume->contains("image"), path, here, out);
    validate_details(mounts[i], privileged, path, out);
  }
}

void validate_volume_devices(const json& container, const volume_index& volumes,
                             const field_path& container_path, faults& out) {
  const field_path path = container_path.child("volumeDevices");
  const auto& devices = items_of(container, "volumeDevices");
  const auto& mounts = items_of(container, "volumeMounts");
  name_set names, places;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const field_path here = path.index(i);
    const field_path name_path = here.child("name");
    const field_path place_path = here.child("devicePath");
    const auto name = text_of(devices[i], "name");
    const auto place = text_of(devices[i], "devicePath");
    const json* volume = find_volume(volumes, name);
    if (!name.empty() && !names.insert(name).second) out.invalid(name_path, name, "must be unique");
    if (!volume)
      out.not_found(name_path, name);
    else if (!volume->contains("persistentVolumeClaim") && !volume->contains("ephemeral"))
      out.invalid(name_path, name,
                  "can only use volume source type of PersistentVolumeClaim or Ephemeral for block "
                  "mode");
    if (places.contains(place)) out.invalid(place_path, place, "must be unique");
    faults backsteps;
    validate_no_backsteps(place, place_path, backsteps);
    if (backsteps.empty())
      places.insert(place);
    else
      out.invalid(place_path, place, "can not contain backsteps ('..')");
    if (any_is(mounts, "name", name))
      out.invalid(name_path, name, "must not already exist in volumeMounts");
    if (any_is(mounts, "mountPath", place))
      out.invalid(place_path, place, "must not already exist as a path in volumeMounts");
  }
}

}  // namespace

void validate_mounts(const json& container, const volume_index& volumes,
                     const field_path& container_path, faults& out) {
  validate_volume_mounts(container, volumes, container_path, out);
  validate_volume_devices(container, volumes, container_path, out);
}

}  // namespace troupe::model
