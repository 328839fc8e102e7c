#pragma once

#include "cli/commands/session.hpp"
#include "model/output/jsonpath.hpp"

#include <algorithm>

namespace troupe::cli {

/// Whether `a` comes before `b` under --sort-by: numbers by value, texts with the numbers in them
/// by value, missing fields first.
bool sorts_before(const model::json& a, const model::json& b);

/// Sorts items by the field at a JSONPath of the object that `object_of` finds in each. Throws
/// command_failure for a broken path.
template <class F>
void sort_by(const std::string& path, model::json::array_t& items, F object_of) {
  std::string error;
  const auto field = model::jsonpath::parse(
      path.starts_with("{") || path.starts_with(".") ? path : "." + path, error);
  if (!field) throw command_failure("error: --sort-by " + path + ": " + error);
  std::vector<std::pair<model::json, model::json>> keyed;
  for (auto& item : items) {
    auto values = field->values(object_of(item));
    keyed.emplace_back(values.empty() ? model::json() : std::move(values[0]), std::move(item));
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return sorts_before(a.first, b.first); });
  for (std::size_t i = 0; i < keyed.size(); ++i) items[i] = std::move(keyed[i].second);
}

}  // namespace troupe::cli
