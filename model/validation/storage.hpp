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
/// The one source of a volume, whose rules are a table.
void validate_volume_source(const json& spec, const field_path& path, faults& out);
/// Only the members that say where a volume is.
json volume_source_of(const json& spec);

}  // namespace troupe::model
