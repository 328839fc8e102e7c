#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::model {

/// The indexes of an Indexed Job, "1,3-5,7": in rising order and below `completions`.
struct index_list {
  std::int64_t total = 0;
  std::string fault;  ///< in Kubernetes' words
};
index_list parse_indexes(std::string_view text, std::int64_t completions);

/// The first index that both lists have, or -1; what cannot be read is passed over.
std::int64_t first_common_index(std::string_view a, std::string_view b, std::int64_t completions);

}  // namespace troupe::model
