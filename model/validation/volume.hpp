#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// Rules for storage that pods' volumes and persistent volumes share.

/// The name of a CSI driver: a DNS subdomain of at most 63 characters, in either case.
void validate_csi_driver(std::string_view driver, const field_path& path, faults& out);
/// A PersistentVolumeClaimTemplate: labels, annotations and the spec of a claim.
void validate_claim_template(const json& tmpl, const field_path& path, faults& out);

}  // namespace troupe::model
