#pragma once

#include "store/cache.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::store {

/// Who has what only one service may have: its addresses and node ports. The one writer keeps it at
/// the newest state and sees that no two choices are the same; an API actor follows its cache,
/// which may lag, to choose from what is free.
class claim_table {
 public:
  /// Whether objects of this resource claim anything.
  static bool applies_to(std::string_view resource) { return resource == "services"; }

  /// Whether an object other than `self` has this claim.
  bool taken(const std::string& claim, const model::object_key& self) const;
  /// The claim of `o` that another object has, or null.
  const std::string* taken_from(const model::object& o) const;

  /// `before` and `now` are states of one object; either may be null.
  void replace(const model::object* before, const model::object* now);
  void reset(const cache& objects);
  /// Takes in what the cache has heard since the last call.
  void follow(const cache& objects);

 private:
  std::unordered_map<std::string, std::string> holders_;              // "ns/name" by claim
  std::unordered_map<std::string, std::vector<std::string>> claims_;  // by holder
  std::uint64_t version_ = 0;                                         // that follow() has seen
};

}  // namespace troupe::store
