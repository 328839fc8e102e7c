#pragma once

#include "model/table.hpp"

#include <string>

namespace troupe::model {

inline const time_point now = *from_rfc3339("2024-05-01T10:00:00Z");

/// An object's cells as "a|b|1".
inline std::string row(std::string_view resource, const json& document) {
  std::string out;
  for (const json& cell : cells_of(*schema::instance().by_resource(resource), document, now))
    out += (out.empty() ? "" : "|") + (cell.is_string() ? cell.get<std::string>() : cell.dump());
  return out;
}

/// Columns as "Name|*Node": the wide ones with a star.
inline std::string columns(std::string_view resource) {
  std::string out;
  for (const column& c : columns_of(*schema::instance().by_resource(resource)))
    out += (out.empty() ? "" : "|") + std::string(c.priority > 0 ? "*" : "") + c.name;
  return out;
}

}  // namespace troupe::model
