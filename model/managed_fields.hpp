#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"
#include "model/time.hpp"

#include <string_view>

namespace troupe::model {

enum class manage_operation : std::uint8_t { update, apply };

/// Who writes: what tells one entry of metadata.managedFields from the others.
struct field_manager {
  std::string_view name;
  manage_operation operation = manage_operation::update;
  std::string_view subresource;  ///< "" for the object itself
};

/// Brings metadata.managedFields of `object` up to date as kube-apiserver does for a write that is
/// no apply: the manager owns what the write set or changed, nobody what it removed, and the others
/// lose what it overwrote. Entries are sorted; of more than ten update managers the oldest become
/// "ancient-changes". `old` is the version before (null for a create). A client's own entries count
/// as it sent them, save on create.
void update_managed_fields(json& object, const json* old, const field_manager& manager,
                           time_point now, const kind_info& kind);

}  // namespace troupe::model
