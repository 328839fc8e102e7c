#include "model/json.hpp"

namespace troupe::model {

const json& at(const json& value, std::initializer_list<std::string_view> path) {
  static const json missing;
  const json* here = &value;
  for (std::string_view key : path) {
    if (!here->is_object()) return missing;
    const auto found = here->find(key);
    if (found == here->end()) return missing;
    here = &*found;
  }
  return *here;
}

std::string string_at(const json& value, std::initializer_list<std::string_view> path,
                      std::string_view fallback) {
  const json& found = at(value, path);
  return found.is_string() ? found.get<std::string>() : std::string(fallback);
}

}  // namespace troupe::model
