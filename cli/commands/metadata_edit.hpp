#pragma once

#include "model/json.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::cli {

/// The two maps of names and values that `label` and `annotate` change.
struct metadata_map {
  const char* command;  ///< "label"
  const char* noun;     ///< "label", "annotation"
  const char* field;    ///< "labels": below metadata
  bool label;           ///< whether values have to be label values
};
inline constexpr metadata_map label_map{"label", "label", "labels", true};
inline constexpr metadata_map annotation_map{"annotate", "annotation", "annotations", false};

/// What a user wants of such a map.
struct metadata_edit {
  std::map<std::string, std::string> set;
  std::vector<std::string> remove;
  bool overwrite = false;
  std::string resource_version;  ///< empty: any
};

/// Splits "pods web a=1 b-" into the resources and the changes; `taints` counts "key:Effect" as a
/// change, too. Throws command_failure when a resource follows a change.
struct resources_and_changes {
  std::vector<std::string> resources, changes;
};
resources_and_changes split_changes(const std::vector<std::string>& args, const std::string& noun,
                                    bool taints = false);

/// "a=1" sets, "a-" removes. Throws command_failure in kubectl's words.
metadata_edit parse_metadata_edit(const metadata_map& map, const std::vector<std::string>& changes);

/// The merge patch that makes the edit of this object; {} when nothing changes. Throws
/// command_failure when a value is there already and may not be overwritten.
model::json metadata_patch(const metadata_map& map, const metadata_edit& edit,
                           const model::json& object);

/// kubectl's word for what an edit did: labeled, unlabeled, not labeled; annotated.
std::string metadata_outcome(const metadata_map& map, const metadata_edit& edit,
                             const model::json& before, const model::json& after);

}  // namespace troupe::cli
