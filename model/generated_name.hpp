#pragma once

#include "model/random.hpp"

#include <cstddef>
#include <string>

namespace troupe::model {

/// How many characters the server adds to a generateName.
inline constexpr std::size_t generated_length = 5;

/// What a metadata.generateName becomes: cut so that the whole has at most 63 characters
/// (apiserver's SimpleNameGenerator).
std::string generated_name(std::string base, random_source& random);

}  // namespace troupe::model
