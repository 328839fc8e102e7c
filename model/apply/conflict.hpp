#pragma once

#include "model/managed_fields.hpp"
#include "model/status.hpp"

#include <string>
#include <vector>

namespace troupe::model {

/// A field that an apply would change although another manager owns it.
struct apply_conflict {
  const managed_entry* owner;
  std::string path;  ///< `.spec.replicas`
};

using apply_conflicts = std::vector<apply_conflict>;

/// What `changes` takes from all entries but `own` (may be null).
apply_conflicts conflicts_of(const managed_entries& entries, const managed_entry* own,
                             versioned_changes& changes);

/// 409 with a cause FieldManagerConflict a field.
status conflict_status(const apply_conflicts& conflicts);

}  // namespace troupe::model
