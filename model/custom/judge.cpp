#include "model/custom/judge.hpp"

#include "model/custom/document.hpp"
#include "model/custom/embedded.hpp"
#include "model/custom/rules.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// Faults of the form, after which rules cannot be judged.
bool blocks_rules(const cause& c) {
  static constexpr std::string_view reasons[] = {"FieldValueNotSupported", "FieldValueRequired",
                                                 "FieldValueTooLong", "FieldValueTooMany",
                                                 "FieldValueTypeInvalid"};
  return std::ranges::find(reasons, c.reason) != std::end(reasons);
}

}  // namespace

std::vector<cause> with_custom_faults(const custom_version& version, const json& object,
                                      const json* old, std::vector<cause> found) {
  for (cause& c : schema_faults(version.schema(), object, old)) found.push_back(std::move(c));
  for (cause& c : embedded_faults(version.schema(), object)) found.push_back(std::move(c));
  if (!version.schema().has_validations) return found;
  if (std::ranges::any_of(found, blocks_rules)) {
    found.push_back({"FieldValueInvalid",
                     "Invalid value: \"null\": some validation rules were not checked because the "
                     "object was invalid; correct the existing errors to complete validation",
                     "<nil>"});
    return found;
  }
  for (cause& c : rule_faults(version.schema(), object, old)) found.push_back(std::move(c));
  return found;
}

}  // namespace troupe::model
