#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::store {

/// Where a chunked list goes on: at the version of its first page, after this key.
struct continue_token {
  std::uint64_t version = 0;  ///< 0: the newest, since that of the first page was lost
  std::string after;          ///< "ns/name", as cache::list takes it

  std::string text() const;
  /// Nothing when it is none of ours.
  static std::optional<continue_token> parse(std::string_view text);
};

}  // namespace troupe::store
