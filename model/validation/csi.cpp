#include "model/label_names.hpp"
#include "model/quantity.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/storage.hpp"
#include "model/validation/volume.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t longest_node_id = 256;
constexpr std::size_t most_attachment_bytes = 256u << 10;
constexpr std::size_t longest_error = 1024;

void validate_token_requests(const json& spec, const field_path& spec_path, faults& out) {
  constexpr std::int64_t ten_minutes = 600;
  constexpr std::int64_t longest = std::int64_t{1} << 32;
  const field_path path = spec_path.child("tokenRequests");
  const auto& requests = items_of(spec, "tokenRequests");
  std::set<std::string_view> audiences;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const field_path here = path.index(i);
    const auto audience = text_of(requests[i], "audience");
    if (!audiences.insert(audience).second) {
      out.duplicate(here.child("audience"), audience);
      continue;
    }
    const json& seconds = value_of(requests[i], "expirationSeconds");
    if (!seconds.is_number_integer()) continue;
    if (seconds.get<std::int64_t>() < ten_minutes)
      out.invalid(here.child("expirationSeconds"), seconds,
                  "may not specify a duration less than 10 minutes");
    if (seconds.get<std::int64_t>() > longest)
      out.invalid(here.child("expirationSeconds"), seconds,
                  "may not specify a duration larger than 2^32 seconds");
  }
}

void validate_node_driver(const json& driver, const field_path& path, faults& out) {
  validate_csi_driver(text_of(driver, "name"), path.child("name"), out);
  const auto id = text_of(driver, "nodeID");
  if (id.empty()) out.required(path.child("nodeID"));
  if (id.size() > longest_node_id)
    out.invalid(path.child("nodeID"), id,
                "must be " + std::to_string(longest_node_id) + " characters or less");
  const json& allocatable = value_of(driver, "allocatable");
  const field_path allocatable_path = path.child("allocatable");
  out.nonnegative(allocatable_path.child("count"), value_of(allocatable, "count"));
}

void validate_attachment_source(const json& source, const field_path& path, faults& out) {
  constexpr std::string_view one =
      "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  const json& inline_spec = value_of(source, "inlineVolumeSpec");
  const json& name = value_of(source, "persistentVolumeName");
  if (inline_spec.is_null() && name.is_null())
    out.required(path, one);
  else if (!inline_spec.is_null() && !name.is_null())
    out.forbidden(path, one);
  else if (name == "")
    out.required(path.child("persistentVolumeName"), "must specify non empty persistentVolumeName");
  else if (!inline_spec.is_null())
    validate_inline_volume(inline_spec, path.child("inlineVolumeSpec"), out);
}

void validate_attachment_status(const json& attachment, faults& out) {
  const field_path path("status");
  const json& status = value_of(attachment, "status");
  if (size_of_map(members_of(status, "attachmentMetadata")) > most_attachment_bytes)
    out.too_long(path.child("attachmentMetadata"), most_attachment_bytes);
  for (const char* name : {"attachError", "detachError"}) {
    const field_path here = path.child(name);
    if (text_of(value_of(status, name), "message").size() > longest_error)
      out.too_long(here.child("message"), longest_error);
  }
}

}  // namespace

void validate_csi_driver(const json& driver, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(driver, "spec");
  if (value_of(spec, "attachRequired").is_null()) out.required(path.child("attachedRequired"));
  for (const char* name : {"podInfoOnMount", "storageCapacity"})
    if (value_of(spec, name).is_null()) out.required(path.child(name));
  if (const json& policy = value_of(spec, "fsGroupPolicy"); !policy.is_null() && policy != "File" &&
                                                            policy != "None" &&
                                                            policy != "ReadWriteOnceWithFSType")
    out.not_supported(path.child("fsGroupPolicy"), as_text(policy),
                      {"File", "None", "ReadWriteOnceWithFSType"});
  validate_token_requests(spec, path, out);
  for (const json& mode : items_of(spec, "volumeLifecycleModes"))
    if (mode != "Persistent" && mode != "Ephemeral")
      out.not_supported(path.child("volumeLifecycleModes"), as_text(mode),
                        {"Persistent", "Ephemeral"});
}

void validate_csi_driver_update(const json& old, const json& driver, faults& out) {
  validate_csi_driver(driver, out);
  const field_path path("spec");
  const json& before = value_of(old, "spec");
  const json& now = value_of(driver, "spec");
  // Kubernetes misspells the field in its fault.
  validate_immutable(value_of(before, "attachRequired"), value_of(now, "attachRequired"),
                     path.child("attachedRequired"), out);
  validate_immutable(value_of(before, "volumeLifecycleModes"),
                     value_of(now, "volumeLifecycleModes"), path.child("volumeLifecycleModes"),
                     out);
}

void validate_csi_node(const json& node, faults& out) {
  const field_path spec_path("spec");
  const field_path path = spec_path.child("drivers");
  const auto& drivers = items_of(value_of(node, "spec"), "drivers");
  distinct names;
  for (std::size_t i = 0; i < drivers.size(); ++i) {
    const field_path here = path.index(i);
    validate_node_driver(drivers[i], here, out);
    names.add(text_of(drivers[i], "name"), here.child("name"), out);
    distinct topology_keys;
    for (const json& key : items_of(drivers[i], "topologyKeys")) {
      if (as_text(key).empty()) out.required(here);
      topology_keys.add(as_text(key), here, out);
      out.check(here, as_text(key), qualified_name_fault(as_text(key)));
    }
  }
}

void validate_csi_node_update(const json& old, const json& node, faults& out) {
  validate_csi_node(node, out);
  const field_path path("spec");
  for (const json& before : items_of(value_of(old, "spec"), "drivers"))
    for (const json& now : items_of(value_of(node, "spec"), "drivers"))
      if (text_of(before, "name") == text_of(now, "name"))
        validate_immutable(before, now, path.child("drivers"), out);
}

void validate_storage_capacity(const json& capacity, faults& out) {
  validate_label_selector(value_of(capacity, "nodeTopology"), field_path("nodeTopology"), out);
  const auto name = text_of(capacity, "storageClassName");
  out.check(field_path("storageClassName"), name, dns_subdomain_fault(name));
  if (const json& size = value_of(capacity, "capacity"); size.is_string())
    if (const auto amount = quantity::parse(as_text(size)); amount && amount->negative())
      out.invalid(field_path("capacity"), size, "must be greater than or equal to 0");
}

void validate_storage_capacity_update(const json& old, const json& capacity, faults& out) {
  for (const char* name : {"nodeTopology", "storageClassName"})
    validate_immutable(value_of(old, name), value_of(capacity, name), field_path(name), out);
}

void validate_volume_attachment(const json& attachment, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(attachment, "spec");
  const auto attacher = text_of(spec, "attacher");
  if (attacher.empty()) out.required(path.child("attacher"));
  validate_attachment_source(value_of(spec, "source"), path.child("source"), out);
  const auto node = text_of(spec, "nodeName");
  out.check(path.child("nodeName"), node, dns_subdomain_fault(node));
  validate_attachment_status(attachment, out);
  // storage.k8s.io/v1 asks for more than the versions before it, under paths that are one name.
  validate_csi_driver(attacher, field_path("spec.attacher"), out);
  if (const json& volume = at(spec, {"source", "persistentVolumeName"}); !volume.is_null())
    out.check(field_path("spec.source.persistentVolumeName"), as_text(volume),
              dns_subdomain_fault(as_text(volume)));
}

void validate_volume_attachment_update(const json& old, const json& attachment, faults& out) {
  validate_attachment_status(attachment, out);
  validate_immutable(value_of(old, "spec"), value_of(attachment, "spec"), field_path("spec"), out);
}

}  // namespace troupe::model
