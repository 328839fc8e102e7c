#include "model/quantity.hpp"
#include "model/validation/path.hpp"
#include "model/warnings/cluster.hpp"
#include "model/warnings/node_labels.hpp"

namespace troupe::model {
namespace {

using warnings = std::vector<std::string>;

void warn_of_annotation(const json& object, warnings& out) {
  constexpr const char* name = "volume.beta.kubernetes.io/storage-class";
  if (!at(object, {"metadata", "annotations", name}).is_null())
    out.push_back("metadata.annotations[" + std::string(name) +
                  "]: deprecated since v1.8; use \"storageClassName\" attribute instead");
}

void warn_of_fraction(const json& amount, const field_path& path, warnings& out) {
  const auto parsed = amount.is_string() ? quantity::parse(as_text(amount)) : std::nullopt;
  if (parsed && parsed->milli_value() % 1000 != 0)
    out.push_back(path.text() + ": fractional byte value " + amount.dump() +
                  " is invalid, must be an integer");
}

constexpr std::pair<const char*, const char*> gone_sources[] = {
    {"cephfs", "spec.cephfs: deprecated in v1.28, non-functional in v1.31+"},
    {"photonPersistentDisk",
     "spec.photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+"},
    {"scaleIO", "spec.scaleIO: deprecated in v1.16, non-functional in v1.22+"},
    {"storageos", "spec.storageOS: deprecated in v1.22, non-functional in v1.25+"},
    {"glusterfs", "spec.glusterfs: deprecated in v1.25, non-functional in v1.26+"},
    {"rbd", "spec.rbd: deprecated in v1.28, non-functional in v1.31+"}};

}  // namespace

void warn_of_persistent_volume(const json*, const json& volume, warnings& out) {
  const json& spec = value_of(volume, "spec");
  const field_path path("spec");
  warn_of_annotation(volume, out);
  if (text_of(spec, "persistentVolumeReclaimPolicy") == "Recycle")
    out.push_back(
        "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, "
        "the recommended approach is to use dynamic provisioning.");
  const field_path affinity = path.child("nodeAffinity");
  const field_path required = affinity.child("required");
  const field_path terms_path = required.child("nodeSelectorTerms");
  const auto& terms = items_of(at(spec, {"nodeAffinity", "required"}), "nodeSelectorTerms");
  for (std::size_t i = 0; i < terms.size(); ++i)
    warn_of_keys(terms[i], "matchExpressions", terms_path.index(i), out);
  for (const auto& [name, warning] : gone_sources)
    if (!value_of(spec, name).is_null()) out.emplace_back(warning);
  const field_path capacity = path.child("capacity");
  warn_of_fraction(at(spec, {"capacity", "storage"}), capacity.key("storage"), out);
}

void warn_of_persistent_volume_claim(const json*, const json& claim, warnings& out) {
  warn_of_annotation(claim, out);
  const field_path spec("spec");
  const field_path resources = spec.child("resources");
  const field_path requests = resources.child("requests");
  warn_of_fraction(at(claim, {"spec", "resources", "requests", "storage"}), requests.key("storage"),
                   out);
}

void warn_of_storage_class(const json*, const json& storage_class, warnings& out) {
  const field_path path("allowedTopologies");
  const auto& topologies = items_of(storage_class, "allowedTopologies");
  for (std::size_t i = 0; i < topologies.size(); ++i)
    warn_of_keys(topologies[i], "matchLabelExpressions", path.index(i), out);
}

}  // namespace troupe::model
