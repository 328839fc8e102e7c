#pragma once

#include "model/schema.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

/// All but the unreserved characters (RFC 3986), percent-encoded: for parts of paths and values of
/// queries.
std::string percent_encoded(std::string_view text);

/// Where a version of a group is served: "/api/v1", "/apis/apps/v1".
std::string version_path(std::string_view api_version);

/// The objects of a resource, in one namespace if it is given, or the one of a name:
/// "/apis/apps/v1/namespaces/default/deployments/web".
std::string resource_path(std::string_view api_version, std::string_view plural,
                          std::string_view ns = {}, std::string_view name = {});
/// The namespace is left out where the kind has none.
std::string resource_path(const kind_info& kind, std::string_view ns = {},
                          std::string_view name = {});

/// Appends `text` with %XX undone (and '+' in a query). False at a broken escape or a NUL.
bool decode_percent(std::string_view text, bool query, std::string& out);

}  // namespace troupe::model
