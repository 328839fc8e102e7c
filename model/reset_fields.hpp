#pragma once

#include "model/field_set.hpp"

#include <string_view>

namespace troupe::model {

/// The fields that a write through `subresource` ("" for the object itself) never changes, because
/// the server sets them back: nobody comes to own them by it. The status belongs to .../status, all
/// else to the main resource.
const field_set& reset_fields(const kind_info& kind, std::string_view subresource);

}  // namespace troupe::model
