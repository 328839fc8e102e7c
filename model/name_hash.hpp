#pragma once

#include <functional>
#include <string_view>

namespace troupe::model {

/// For tables by names that are looked up often. With std::hash<std::string> libstdc++ compares
/// all keys of a table of up to twenty, each in another place of the memory, instead of hashing.
/// Not noexcept, so that it keeps the hashes beside the keys.
struct name_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>()(name);
  }
};

}  // namespace troupe::model
