#pragma once

#include "store/cache.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::store {

// The change log on disk. An entry keeps the state *before* its change: the state after it is the
// one before the next change of that object, or the object's present value. So a creation costs
// the log no second copy, and every event is rebuilt with what preceded it.

struct change {
  event::kind type = event::kind::added;
  std::uint64_t version = 0;
  model::object_key key;
  std::string previous;  ///< bytes; empty for added
};

/// "ns/name": an object's name within its resource.
std::string key_text(const model::object_key& key);

/// Appends the entry of one commit.
void encode_change(const event& e, std::string& out);
/// The entries of one batch; nothing when it is torn.
std::optional<std::vector<change>> decode_changes(std::string_view bytes);

/// Rebuilds the events of `changes` (oldest first). `present` finds the value that an object has
/// after the last of them; null when it is gone.
std::vector<event> replay(std::vector<change> changes,
                          const std::function<object_ptr(const model::object_key&)>& present);

}  // namespace troupe::store
