#pragma once

#include "model/workload/stateful_set.hpp"

#include <string>
#include <vector>

namespace troupe::model {

// ControllerRevisions of a StatefulSet or DaemonSet: the versions of its template, newest last by
// number.

/// A workload whose template has revisions.
struct revised_workload {
  const object& stored;
  std::string kind;        ///< of group apps
  const char* hash_label;  ///< of its revisions
  const json& template_;
  const json& annotations;
  const json& status;
};

/// What has to be done before pods are looked at; else the revision of the template as it is.
struct template_revision {
  json created;            ///< the ControllerRevision to create; null
  std::string renumbered;  ///< one that was rolled back to gets the number `number`; ""
  std::int64_t number = 0;
  object_ptr newest;  ///< when there is nothing to do
};

template_revision plan_template_revision(const revised_workload& set,
                                         const std::vector<object_ptr>& history);

/// Those that are not `live` (names), beyond the limit, oldest first.
std::vector<object_ptr> beyond_limit(const std::vector<object_ptr>& history,
                                     const std::vector<std::string>& live, std::int64_t limit);

/// What has to be done before pods are looked at.
struct revision_plan {
  set_revisions revisions;  ///< valid when there is nothing to do
  json created;             ///< the ControllerRevision to create; null
  std::string renumbered;   ///< one that was rolled back to gets the number `number`; ""
  std::int64_t number = 0;
};

/// `history`: the ControllerRevisions that the set controls.
revision_plan plan_revisions(const object& stored, const std::vector<object_ptr>& history);

/// Those that nothing uses any more, beyond the limit, oldest first.
std::vector<object_ptr> beyond_history(const object& stored, const std::vector<object_ptr>& history,
                                       const std::vector<std::string>& live);

}  // namespace troupe::model
