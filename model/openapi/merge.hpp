#pragma once

#include "model/json.hpp"

#include <string>

namespace troupe::model {

// OpenAPI 2 documents of several servers as one, as kube-aggregator merges them.

/// What another server's document says of a group and version: its paths, and the definitions that
/// they use. Parameters that are named are written out. Null when there are no such paths.
json openapi_2_of(const json& document, const std::string& group, const std::string& version);

/// Puts such a part into a document. A definition whose name stands for something else there gets
/// another one.
void add_openapi_2(json& document, json part);

}  // namespace troupe::model
