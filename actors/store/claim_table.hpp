#pragma once

#include "model/object.hpp"
#include "store/cache.hpp"

#include <string>
#include <unordered_map>

namespace troupe {

/// Who has what only one service may have (its addresses and node ports), at the newest state. API
/// actors choose from caches that may lag, and at the same time: the one writer sees that no two
/// choices are the same.
class claim_table {
 public:
  /// Whether objects of this resource claim anything.
  static bool applies_to(std::string_view resource) { return resource == "services"; }

  /// The claim of `o` that another object has, or null.
  const std::string* taken_from(const model::object& o) const;
  /// `before` and `now` may be null.
  void replace(const model::object* before, const model::object* now);
  void reset(const store::cache& cache);

 private:
  std::unordered_map<std::string, std::string> holders_;  // "ns/name" by claim
};

}  // namespace troupe
