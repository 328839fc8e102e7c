#include "model/members.hpp"
#include "model/schema.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// What a missing or empty field reads as.
std::string_view fallback_of(std::string_view field) {
  if (field == "spec.unschedulable" || field == "spec.hostNetwork") return "false";
  return {};
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number()) return value.dump();
  return {};
}

/// The value at a dotted path, without building its parts.
const json* follow(const json& document, std::string_view path) {
  const json* here = &document;
  while (here && !path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    here = find_member(*here, path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return here;
}

/// An event's source is its reporting component when it names no source of its own.
std::string event_source(const json& event) {
  const std::string component = string_at(event, {"source", "component"});
  return component.empty() ? string_at(event, {"reportingComponent"}) : component;
}

std::string value_of(std::string_view resource, const json& document, std::string_view field) {
  if (resource == "events" && field == "source") return event_source(document);
  if (const json* found = follow(document, field))
    if (std::string text = text_of(*found); !text.empty()) return text;
  return std::string(fallback_of(field));
}

}  // namespace

string_pairs selectable_fields(std::string_view resource, const json& document) {
  std::vector<std::string_view> fields;
  if (const kind_info* kind = schema::instance().by_resource(resource))
    fields = kind->field_selectors;
  fields.insert(fields.begin(), {"metadata.name", "metadata.namespace"});
  std::ranges::sort(fields);
  string_pairs out;
  out.reserve(fields.size());
  for (const auto field : fields) out.emplace_back(field, value_of(resource, document, field));
  return out;
}

}  // namespace troupe::model
