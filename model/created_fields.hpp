#pragma once

#include "model/managed_fields.hpp"

#include <string>

namespace troupe::model {

/// The text of metadata.managedFields of an object that is created: what update_managed_fields()
/// gives it, without a document of its own, which would be as large as the object. Empty when
/// nobody manages anything. The object's own managedFields are not looked at.
std::string created_fields(const json& object, const field_manager& manager, time_point now,
                           const kind_info& kind);

}  // namespace troupe::model
