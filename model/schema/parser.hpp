#pragma once

#include "model/schema.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// What the schema files hold. Names point into the parsed text or into `names`; types never move.
struct schema_tables {
  std::deque<std::string> names;
  std::deque<type_info> types;
  std::vector<kind_info> kinds;
};

/// Parses the text of schema files (model/schema/README.md says their format), which must outlive
/// the result. Throws std::runtime_error that names the line when the text is wrong.
schema_tables parse_schema(std::string_view text);

}  // namespace troupe::model
