#pragma once

#include "model/json.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

struct jsonpath_node;

/// A template of kubectl's JSONPath: text with {expressions}. Knows fields (dots escaped with \),
/// ['quoted,fields'], [index], [start:end], [*], .., filters [?(@.a=="b")], {range}...{end} and
/// {"text"}.
class jsonpath {
 public:
  /// Also takes a bare path without braces (".metadata.name"). On failure `error` says where.
  static std::optional<jsonpath> parse(std::string_view text, std::string& error);

  /// The template filled in; several values of one expression are joined with blanks, missing ones
  /// are left out.
  std::string print(const json& document) const;
  /// The values of the template's first expression.
  std::vector<json> values(const json& document) const;

 private:
  std::vector<std::shared_ptr<const jsonpath_node>> nodes_;
};

}  // namespace troupe::model
