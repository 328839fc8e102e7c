#pragma once

#include "model/json.hpp"
#include "model/managed_fields.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"
#include "model/time.hpp"

#include <string_view>
#include <variant>

namespace troupe::model {

/// Who applies, through what, and whether conflicts are overridden.
struct applier {
  std::string_view manager;
  std::string_view subresource;
  bool force = false;

  field_manager writer() const { return {manager, manage_operation::apply, subresource}; }
};

/// Server-side apply: `live` (null to create) with `configuration` laid over it and what the
/// applier does not name any more taken out, with its metadata.managedFields. The applier's time
/// changes only when what it owns does; touch_manager() sets it where the object changes otherwise.
/// Not decoded, defaulted or validated yet.
///
/// Refused are configurations of another kind, with managedFields or with fields that the kind has
/// not, and conflicts: 409 with a cause a field. `kubectl` takes over without conflict what it
/// applied on the client's side before, and the annotation of those applies is kept up to date.
std::variant<json, status> apply_configuration(const kind_info& kind, const json& live,
                                               const json& configuration, const applier& who,
                                               time_point now);

/// Gives the writer's entry the time `now`.
void touch_manager(json& object, const field_manager& writer, const kind_info& kind,
                   time_point now);

}  // namespace troupe::model
