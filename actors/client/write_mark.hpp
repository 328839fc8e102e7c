#pragma once

#include "messages/api.hpp"
#include "model/object.hpp"
#include "store/cache.hpp"

#include <optional>

namespace troupe::client {

/// By what a copy of the cluster shows that it has seen a write.
struct write_mark {
  model::object_key key;
  std::string uid;
  std::uint64_t version = 0;  ///< 0: the object is gone, or about to be deleted

  /// `seen`: the newest version of the resource that the copy has.
  bool shows(const store::cache& copy, std::uint64_t seen) const;
};

/// The mark of a write that was answered so; nothing for what writes no single object.
std::optional<write_mark> mark_of(const api_request& r, const api_response& answer);

}  // namespace troupe::client
