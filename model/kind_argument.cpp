#include "model/kind_argument.hpp"

#include <algorithm>

namespace troupe::model {

bool named_by(const kind_info& kind, std::string_view argument) {
  const auto dot = std::min(argument.find('.'), argument.size());
  const auto word = argument.substr(0, dot);
  const bool named = kind.plural == word || kind.singular == word ||
                     std::ranges::find(kind.short_names, word) != kind.short_names.end();
  if (!named || dot == argument.size()) return named;
  const auto rest = argument.substr(dot + 1);
  if (kind.group == rest) return true;
  // resource.version.group, where the core group's name is empty.
  const auto second = std::min(rest.find('.'), rest.size());
  const auto group = second == rest.size() ? std::string_view{} : rest.substr(second + 1);
  return kind.version == rest.substr(0, second) && kind.group == group;
}

}  // namespace troupe::model
