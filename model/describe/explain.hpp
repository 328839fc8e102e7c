#pragma once

#include "model/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// What `kubectl explain` prints of a schema: its description and fields, or those of the field at
/// `path` ("spec", "containers"). The document is the OpenAPI v3 one of the kind's group and
/// version. Nothing when there is no such kind; std::invalid_argument names a field that is none.
std::optional<std::string> explain(const json& openapi, const std::string& group,
                                   const std::string& version, const std::string& kind,
                                   const std::vector<std::string>& path, bool recursive);

}  // namespace troupe::model
