#pragma once

#include "model/custom/kinds.hpp"
#include "store/cache.hpp"

#include <string_view>

namespace troupe::store {

// Kinds that are served: the built-in ones, and those of the CustomResourceDefinitions in a cache.

model::served_kind find_kind(const cache& objects, std::string_view group, std::string_view version,
                             std::string_view plural);
/// The preferred version of a GroupResource.
model::served_kind find_resource(const cache& objects, std::string_view resource);

}  // namespace troupe::store
