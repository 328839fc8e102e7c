#include "model/custom/schema_path.hpp"
#include "model/validation/custom_resource.hpp"

#include <set>

namespace troupe::model {
namespace {

constexpr std::size_t most_selectable_fields = 8;

bool may_be_selected_by(const json* schema) {
  const auto type = schema ? text_of(*schema, "type") : std::string_view();
  return type == "string" || type == "boolean" || type == "integer";
}

}  // namespace

void validate_selectable_fields(const json::array_t& fields, const json& schema,
                                const field_path& path, faults& out) {
  std::set<std::vector<std::string>> seen;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const field_path field = path.index(i);
    const field_path here = field.child("jsonPath");
    const auto text = text_of(fields[i], "jsonPath");
    if (text.empty()) {
      out.required(here);
      continue;
    }
    auto end = follow_schema(text, schema, false);
    if (!end.fault.empty()) {
      out.invalid(here, text, "is an invalid path: " + end.fault);
      continue;
    }
    if (end.names.front() == "metadata")
      out.invalid(here, text, "must not point to fields in metadata");
    if (!may_be_selected_by(end.schema))
      out.invalid(here, text,
                  "must point to a field of type string, boolean or integer. Enum string fields "
                  "and strings with formats are allowed.");
    if (!seen.insert(std::move(end.names)).second) out.duplicate(here, text);
  }
  if (seen.size() > most_selectable_fields) out.too_many(path, seen.size(), most_selectable_fields);
}

}  // namespace troupe::model
