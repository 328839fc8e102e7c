#pragma once

#include "actors/api/call.hpp"

namespace troupe::api {

/// Decides the deletion of one object, which may be none.
decision delete_one(call& c, environment& e, const object_key& key,
                    const model::delete_options& options);

}  // namespace troupe::api
