#pragma once

#include "model/document.hpp"

#include <string_view>

namespace troupe::model {

/// The OpenAPI document at /openapi/v3, /openapi/v3/api/v1, /openapi/v3/apis/G/V or /openapi/v2
/// (JSON). Made at the first call and kept while anyone holds it; the index is kept for good.
document openapi_text(std::string_view path);

}  // namespace troupe::model
