#pragma once

#include "model/custom/kinds.hpp"
#include "model/document.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::model {

enum class openapi_format : std::uint8_t {
  text,     ///< JSON
  protobuf  ///< gnostic's openapi.v2.Document or openapi.v3.Document
};

/// The first form in an Accept header that OpenAPI documents have; nothing: 406.
std::optional<openapi_format> openapi_format_of(std::string_view path, std::string_view accept);

/// An OpenAPI 2 document (JSON) in another format.
document openapi_2_in(const document& text, openapi_format format);

/// The OpenAPI document at /openapi/v3, /openapi/v3/api/v1, /openapi/v3/apis/G/V or /openapi/v2, of
/// the built-in kinds and of `custom` ones. Made at the first call and kept while anyone holds it;
/// the index of the built-in kinds is kept for good.
document openapi_text(std::string_view path, openapi_format format = openapi_format::text,
                      const custom_kinds& custom = {});

}  // namespace troupe::model
