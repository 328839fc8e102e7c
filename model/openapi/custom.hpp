#pragma once

#include "model/custom/kinds.hpp"
#include "model/openapi/schemas.hpp"

#include <vector>

namespace troupe::model {

/// The definitions of custom kinds and of their lists, as members of `definitions` or
/// `components.schemas`. OpenAPI 2 has no words for some of what their schemas say, which is left
/// out there.
void write_custom_schemas(json_writer& w, openapi_version v,
                          const std::vector<const custom_version*>& versions);

/// What they refer to of the built-in structs.
std::vector<const type_info*> types_of_custom_kinds();

}  // namespace troupe::model
