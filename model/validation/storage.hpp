#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// What volumes, claims and CSI objects share.

/// A PersistentVolumeSpec inside of a VolumeAttachment, which only CSI migration writes.
void validate_inline_volume(const json& spec, const field_path& path, faults& out);
/// accessModes of a volume or a claim.
void validate_access_modes(const json& spec, const field_path& path, std::string_view when_empty,
                           faults& out);
/// A PersistentVolumeClaimSpec, of a claim or a template.
void validate_claim_spec(const json& spec, const field_path& path, faults& out);
/// The one source of a PersistentVolume (or of a volume that has no name of its own).
void validate_volume_source(const json& spec, std::string_view volume, const field_path& path,
                            faults& out);
/// The source of a pod's volume, where `type` belongs to a storage system; `path` is the volume's.
void validate_pod_volume_source(std::string_view type, std::string_view volume, const json& source,
                                const field_path& path, faults& out);

/// Where a source stands: in a pod's volume, or in the spec of a PersistentVolume.
struct source_place {
  bool persistent;
  std::string_view volume;  ///< name
  const field_path& path;   ///< of the pod's volume or of the spec
};
/// Names of targets and initiators have one of three forms (RFC 3720).
void validate_iscsi(const json& source, const field_path& path, const source_place& in,
                    faults& out);
/// Only the members that say where a volume is.
json volume_source_of(const json& spec);

}  // namespace troupe::model
