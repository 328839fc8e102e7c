#include "store/served.hpp"

namespace troupe::store {

using model::served_kind;

served_kind find_kind(const cache& objects, std::string_view group, std::string_view version,
                      std::string_view plural) {
  if (const auto* k = model::schema::instance().by_plural(group, version, plural))
    return {k, nullptr};
  return objects.custom_kinds()->by_plural(group, version, plural);
}

served_kind find_resource(const cache& objects, std::string_view resource) {
  if (const auto* k = model::schema::instance().by_resource(resource)) return {k, nullptr};
  return objects.custom_kinds()->by_resource(resource);
}

}  // namespace troupe::store
