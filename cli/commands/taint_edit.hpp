#pragma once

#include "model/json.hpp"
#include "model/node_view.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// What a user wants of a node's taints.
struct taint_edit {
  std::vector<model::taint> add;
  std::vector<model::taint> remove;  ///< without an effect: all of the key
};

/// "key=value:Effect" and "key:Effect" add, "key:Effect-" and "key-" remove. Throws command_failure
/// in kubectl's words.
taint_edit parse_taint_edit(const std::vector<std::string>& changes);

/// The node's taints with the edit made, and kubectl's word for it: tainted, untainted, modified.
struct edited_taints {
  model::json taints;
  std::string outcome;
};
/// Throws command_failure when a taint is there already and may not be overwritten, or one to
/// remove is not there.
edited_taints edit_taints(const taint_edit& edit, const model::json& node, bool overwrite);

}  // namespace troupe::cli
