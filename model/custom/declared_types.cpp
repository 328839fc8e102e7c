#include "model/custom/declared_types.hpp"

#include "model/cel/cost.hpp"

#include <algorithm>
#include <optional>

namespace troupe::model {
namespace {

using cel::plain_type;
using cel::type_kind;
using cel::type_ptr;

bool is_set(const json& schema, const char* extension) {
  const json& found = at(schema, {extension});
  return found == true;
}

// How large and how small values may be, by what a request may bring (apiserver's pkg/cel).
constexpr std::uint64_t most_request_bytes = json_limits{}.bytes;
constexpr std::uint64_t brackets = 2;  // of lists, maps and texts
constexpr std::uint64_t longest_text = most_request_bytes - brackets;

type_ptr declared_child(const json& schema, const std::string& name) {
  if (!schema.is_object()) return nullptr;
  return declared_type(schema, is_set(schema, "x-kubernetes-embedded-resource"), name);
}

/// A limit of the schema's.
std::optional<std::uint64_t> limit(const json& schema, const char* name) {
  const json& found = at(schema, {name});
  if (!found.is_number_integer()) return std::nullopt;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(found.get<std::int64_t>(), 0));
}

type_ptr sized(type_kind kind, std::uint64_t max_elements, std::uint64_t min_bytes) {
  cel::type out = *plain_type(kind);
  out.max_elements = max_elements;
  out.min_bytes = min_bytes;
  return std::make_shared<const cel::type>(std::move(out));
}

/// Of as many characters, each of up to four bytes.
std::optional<std::uint64_t> limit_in_bytes(const json& schema) {
  constexpr std::uint64_t longest_character = 4;
  const auto found = limit(schema, "maxLength");
  if (!found) return std::nullopt;
  return std::min(*found, cel::cost_range::no_end / longest_character) * longest_character;
}

std::uint64_t longest_of(const json& enumeration) {
  if (enumeration.empty()) return longest_text;
  std::uint64_t out = 0;
  for (const json& one : enumeration)
    if (one.is_string())
      out = std::max<std::uint64_t>(out, one.get_ref<const std::string&>().size());
  return out;
}

type_ptr text_type(const json& schema) {
  using enum type_kind;
  const std::string format = string_at(schema, {"format"});
  if (format == "byte")
    return sized(bytes, limit(schema, "maxLength").value_or(longest_text), brackets);
  // "0" is a duration; a date and a time are at least as long as that of 1970.
  if (format == "duration") return sized(duration, 32, 3);
  if (format == "date") return sized(timestamp, 12, 12);
  if (format == "date-time") return sized(timestamp, 32, 21);
  const auto longest = limit_in_bytes(schema);
  return sized(text, longest ? *longest : longest_of(at(schema, {"enum"})), brackets);
}

type_ptr array_type(const json& schema, const std::string& name) {
  type_ptr items = declared_child(at(schema, {"items"}), name + ".@idx");
  if (!items) return nullptr;
  const std::uint64_t most_items = (most_request_bytes - brackets) / (items->min_bytes + 1);
  cel::type out = *cel::list_of(std::move(items));
  const std::string kind = string_at(schema, {"x-kubernetes-list-type"});
  out.is_set = kind == "set";
  if (kind == "map")
    for (const json& key : at(schema, {"x-kubernetes-list-map-keys"}))
      if (key.is_string()) out.keys.push_back(key.get<std::string>());
  out.max_elements = limit(schema, "maxItems").value_or(most_items);
  out.min_bytes = brackets;
  return std::make_shared<const cel::type>(std::move(out));
}

type_ptr map_type(const json& schema, const json& others, const std::string& name) {
  constexpr std::uint64_t shortest_key = 6;  // "k":, and a comma
  type_ptr values = declared_child(others, name + ".@elem");
  if (!values) return nullptr;
  const std::uint64_t most_members =
      (most_request_bytes - brackets) / (values->min_bytes + shortest_key);
  cel::type out = *cel::map_of(plain_type(type_kind::text), std::move(values));
  out.max_elements = limit(schema, "maxProperties").value_or(most_members);
  out.min_bytes = brackets;
  return std::make_shared<const cel::type>(std::move(out));
}

/// What can be said of all objects.
const json& object_properties() {
  static const json known = json::parse(R"({"kind": {"type": "string"},
      "apiVersion": {"type": "string"}, "metadata": {"type": "object", "properties": {
        "name": {"type": "string"}, "generateName": {"type": "string"}}}})");
  return known;
}

/// Whether a schema says it all by itself, with limits of its own.
bool knows_object_properties(const json& properties) {
  for (const auto& [name, known] : object_properties().items())
    if (string_at(properties, {name, "type"}) != string_at(known, {"type"})) return false;
  for (const char* name : {"name", "generateName"})
    if (string_at(properties, {"metadata", "properties", name, "type"}) != "string") return false;
  return true;
}

type_ptr object_type(const json& schema, bool whole, const std::string& name) {
  const json& others = at(schema, {"additionalProperties"});
  if (others.is_object()) return map_type(schema, others, name);
  json added = json::object();
  const json* properties = &at(schema, {"properties"});
  if (!properties->is_object()) properties = &added;
  if (whole && !knows_object_properties(*properties)) {
    added = *properties;
    added.update(object_properties());
    properties = &added;
  }
  const json& required = at(schema, {"required"});
  const auto comes_always = [&](const std::string& member, const json& property) {
    return at(property, {"default"}).is_null() &&
           std::ranges::find(required, json(member)) != required.end();
  };
  constexpr std::uint64_t signs = 4;  // of a member: quotes, a colon and a comma
  std::map<std::string, type_ptr, std::less<>> fields;
  std::uint64_t min_bytes = brackets;
  for (const auto& [member, property] : properties->items()) {
    const std::string escaped = cel::escaped_name(member);
    type_ptr field = declared_child(property, name + "." + escaped);
    if (!field) continue;
    if (comes_always(member, property)) min_bytes += member.size() + field->min_bytes + signs;
    if (!escaped.empty()) fields.emplace(escaped, std::move(field));
  }
  cel::type out = *cel::structure_of(name, std::move(fields));
  out.min_bytes = min_bytes;
  return std::make_shared<const cel::type>(std::move(out));
}

}  // namespace

type_ptr declared_type(const json& schema, bool whole, const std::string& name) {
  if (is_set(schema, "x-kubernetes-int-or-string"))
    return sized(type_kind::dyn, limit_in_bytes(schema).value_or(longest_text), 1);
  const std::string type = string_at(schema, {"type"});
  if (type == "array") return array_type(schema, name);
  if (type == "object") return object_type(schema, whole, name);
  if (type == "string") return text_type(schema);
  if (type == "boolean") return sized(type_kind::boolean, 0, 4);
  if (type == "number") return sized(type_kind::real, 0, 1);
  if (type == "integer") return sized(type_kind::integer, 0, 1);
  return nullptr;
}

}  // namespace troupe::model
