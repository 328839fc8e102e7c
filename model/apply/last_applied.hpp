#pragma once

#include "model/field_set.hpp"
#include "model/json.hpp"
#include "model/schema.hpp"

#include <string_view>

namespace troupe::model {

/// The annotation in which client-side apply keeps the configuration that it applied last.
inline constexpr std::string_view last_applied_annotation =
    "kubectl.kubernetes.io/last-applied-configuration";
/// The only field manager for which the server reads and writes that annotation.
inline constexpr std::string_view last_applied_manager = "kubectl";

/// The fields that a client-side apply set and that still have its values: those `kubectl` may take
/// over in a server-side apply. Empty without a readable annotation of the version `kind`.
field_set last_applied_fields(const json& live, const kind_info& kind);

/// Brings the annotation up to date with an applied configuration, when `object` has one.
void update_last_applied(json& object, const json& configuration);

}  // namespace troupe::model
