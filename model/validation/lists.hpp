#pragma once

#include "model/validation/path.hpp"

#include <set>

namespace troupe::model {

// What many kinds ask of a value or of a list of texts.

/// A field that an update may not change.
void validate_immutable(const json& old, const json& now, const field_path& path, faults& out);

bool has_text(const json::array_t& items, std::string_view text);

/// Each name comes once; says so at the second one.
class distinct {
 public:
  void add(std::string_view name, const field_path& path, faults& out) {
    if (!seen_.insert(name).second) out.duplicate(path, name);
  }

 private:
  std::set<std::string_view> seen_;
};

/// "*" in a list that has more than it.
bool has_wildcard_and_more(const json::array_t& items);

/// The bytes of all keys and texts of a map.
std::size_t size_of_map(const json::object_t& map);

std::string lower_case(std::string_view text);
/// Without blanks at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace troupe::model
