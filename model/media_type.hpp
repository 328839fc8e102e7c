#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::model {

/// One clause of an Accept header.
struct media_range {
  std::string_view type;     ///< "application", "*"
  std::string_view subtype;  ///< "json", "*"
  double quality = 1;
  std::vector<std::pair<std::string_view, std::string_view>> parameters;  ///< q left out

  std::string_view parameter(std::string_view name) const;
  bool matches(std::string_view media_type) const;
};

/// The clauses, those the client likes best first. They point into `accept`; malformed ones are
/// left out.
std::vector<media_range> parse_accept(std::string_view accept);

/// A Content-Type without its parameters, in lower case.
std::string media_type_of(std::string_view content_type);

}  // namespace troupe::model
