#include "model/validation/conditions.hpp"

#include "model/label_names.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool letter_or_digit(char c) {
  return letter(c) || (c >= '0' && c <= '9');
}

/// CamelCase as a rule: begins with a letter, ends with no ',' or ':'.
bool is_reason(std::string_view reason) {
  const auto inner = [](char c) { return letter_or_digit(c) || c == '_' || c == ',' || c == ':'; };
  return letter(reason.front()) && std::ranges::all_of(reason, inner) &&
         (letter_or_digit(reason.back()) || reason.back() == '_');
}

void validate_condition(const json& condition, const field_path& path, faults& out) {
  constexpr std::size_t longest_reason = 1024;
  constexpr std::size_t longest_message = 32u << 10;
  const auto type = text_of(condition, "type");
  const auto status = text_of(condition, "status");
  const auto reason = text_of(condition, "reason");
  const field_path reason_path = path.child("reason");
  out.check(path.child("type"), type, qualified_name_fault(type));
  if (status != "False" && status != "True" && status != "Unknown")
    out.not_supported(path.child("status"), status, {"False", "True", "Unknown"});
  out.nonnegative(path.child("observedGeneration"), value_of(condition, "observedGeneration"));
  if (value_of(condition, "lastTransitionTime").is_null())
    out.required(path.child("lastTransitionTime"));
  if (reason.empty()) {
    out.required(reason_path);
  } else {
    if (!is_reason(reason))
      out.invalid(reason_path, reason,
                  "a condition reason must start with alphabetic character, optionally followed by "
                  "a string of alphanumeric characters or '_,:', and must end with an alphanumeric "
                  "character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,"
                  "ReasonB',  or 'ReasonA:ReasonB', regex used for validation is "
                  "'[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')");
    if (reason.size() > longest_reason) out.too_long(reason_path, longest_reason);
  }
  if (text_of(condition, "message").size() > longest_message)
    out.too_long(path.child("message"), longest_message);
}

}  // namespace

void validate_conditions(const json& status, const field_path& status_path, faults& out) {
  const field_path path = status_path.child("conditions");
  const auto& conditions = items_of(status, "conditions");
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const field_path here = path.index(i);
    const auto type = text_of(conditions[i], "type");
    if (!seen.insert(type).second) out.duplicate(here.child("type"), type);
    validate_condition(conditions[i], here, out);
  }
}

}  // namespace troupe::model
