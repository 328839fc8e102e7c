#pragma once

#include "model/json_writer.hpp"
#include "model/schema.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace troupe::model {

enum class openapi_version : std::uint8_t { v2, v3 };

/// "#/definitions/" or "#/components/schemas/".
std::string_view reference_prefix(openapi_version v);

/// The members of `definitions` or `components.schemas`: what `kinds` are made of, their lists,
/// what their subresources take, what every API speaks (DeleteOptions, Status), and the scalars'
/// own. `more` are structs that others refer to.
void write_schemas(json_writer& w, openapi_version v, const std::vector<const kind_info*>& kinds,
                   const std::vector<const type_info*>& more = {});

/// {"group":..,"version":..,"kind":..}
void write_gvk(json_writer& w, std::string_view group, std::string_view version,
               std::string_view kind);

/// The operations of a kind and its subresources, as members of `paths`.
void write_paths(json_writer& w, openapi_version v, const kind_info& kind);

}  // namespace troupe::model
