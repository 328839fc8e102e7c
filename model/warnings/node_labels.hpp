#pragma once

#include "model/validation/path.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// Why a node label should not be selected by any more, or "".
std::string_view node_label_deprecation(std::string_view key);

/// Warns of such labels among the keys of a list of expressions.
void warn_of_keys(const json& owner, const char* list, const field_path& path,
                  std::vector<std::string>& out);

}  // namespace troupe::model
