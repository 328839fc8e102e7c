#pragma once

#include "model/custom/kinds.hpp"
#include "model/object.hpp"
#include "store/cache.hpp"

#include <string>

namespace troupe {

/// The path of an object that may be of a custom kind.
std::string path_of(const model::object_key& key, const store::cache& objects);

/// Makes a stored document one of the version that path_of() names.
void to_served_version(const model::object_key& key, const store::cache& objects,
                       model::json& document);

}  // namespace troupe
