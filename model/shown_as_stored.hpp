#pragma once

#include "model/object.hpp"
#include "model/schema.hpp"

namespace troupe::model {

/// Whether parse_as() gives the object's own text: it is of the version that is stored, and of a
/// custom kind no older than the defaults of today's schema.
bool shown_as_stored(const kind_info& kind, const object& stored);

}  // namespace troupe::model
