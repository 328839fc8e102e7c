#include "model/generated_name.hpp"

namespace troupe::model {

std::string generated_name(std::string base, random_source& random) {
  constexpr std::size_t longest = 63;
  if (base.size() > longest - generated_length) base.resize(longest - generated_length);
  return base + random.name_suffix(generated_length);
}

}  // namespace troupe::model
