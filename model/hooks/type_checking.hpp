#pragma once

#include "model/cel/types.hpp"
#include "model/json.hpp"
#include "model/schema.hpp"

#include <functional>
#include <string>

namespace troupe::model {

// What can be said of a ValidatingAdmissionPolicy's expressions by the schemas of the kinds that it
// is about. It refuses nothing: an object may have what its schema does not know.

/// The type of an object of the API; structures are named after their place below `name`.
cel::type_ptr object_type(const kind_info& kind, const std::string& name);

struct kind_finder {
  /// The kind, served or null, that rules mean by group, version and plural, and the one that
  /// paramKind means by group, version and kind.
  std::function<const kind_info*(std::string_view group, std::string_view version,
                                 std::string_view plural)>
      by_plural;
  std::function<const kind_info*(std::string_view group, std::string_view version,
                                 std::string_view kind)>
      by_kind;
};

/// status.typeChecking of a policy: what its validations say that the kinds of its matchConstraints
/// do not have. Rules that name their groups, versions and resources are looked at, ten kinds at
/// most.
json checked_types(const json& policy, const kind_finder& kinds);

}  // namespace troupe::model
