#pragma once

#include "model/validation/path.hpp"

#include <string>
#include <vector>

namespace troupe::model {

using warnings = std::vector<std::string>;

/// A pod, or the template of pods at `path` (null for a pod).
void warn_of_pod(const json& pod, const field_path* path, warnings& out);

/// Whole bytes only.
void warn_of_fraction(const json& amounts, const char* resource, const field_path& path,
                      warnings& out);
/// A PersistentVolumeClaimSpec.
void warn_of_claim(const json& spec, const field_path& path, warnings& out);

}  // namespace troupe::model
