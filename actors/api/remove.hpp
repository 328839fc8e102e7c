#pragma once

#include "actors/api/call.hpp"

#include <functional>

namespace troupe::api {

/// What else a deletion that takes its time changes of the object.
using last_words = std::function<void(json&)>;

/// Decides the deletion of one object, which may be none.
decision delete_one(call& c, environment& e, const object_key& key,
                    const model::delete_options& options, const last_words& words = {});

}  // namespace troupe::api
