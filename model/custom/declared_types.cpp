#include "model/custom/declared_types.hpp"

namespace troupe::model {
namespace {

using cel::plain_type;
using cel::type_kind;
using cel::type_ptr;

bool is_set(const json& schema, const char* extension) {
  const json& found = at(schema, {extension});
  return found == true;
}

type_ptr declared_child(const json& schema, const std::string& name) {
  if (!schema.is_object()) return nullptr;
  return declared_type(schema, is_set(schema, "x-kubernetes-embedded-resource"), name);
}

type_ptr text_type(const std::string& format) {
  if (format == "byte") return plain_type(type_kind::bytes);
  if (format == "duration") return plain_type(type_kind::duration);
  if (format == "date" || format == "date-time") return plain_type(type_kind::timestamp);
  return plain_type(type_kind::text);
}

type_ptr array_type(const json& schema, const std::string& name) {
  type_ptr items = declared_child(at(schema, {"items"}), name + ".@idx");
  if (!items) return nullptr;
  cel::type out = *cel::list_of(std::move(items));
  const std::string kind = string_at(schema, {"x-kubernetes-list-type"});
  out.is_set = kind == "set";
  if (kind == "map")
    for (const json& key : at(schema, {"x-kubernetes-list-map-keys"}))
      if (key.is_string()) out.keys.push_back(key.get<std::string>());
  return std::make_shared<const cel::type>(std::move(out));
}

/// kind, apiVersion and metadata with what can be said of all objects.
void add_object_fields(const std::string& name,
                       std::map<std::string, type_ptr, std::less<>>& fields) {
  const type_ptr& text = plain_type(type_kind::text);
  fields["kind"] = text;
  fields["apiVersion"] = text;
  fields["metadata"] =
      cel::structure_of(name + ".metadata", {{"name", text}, {"generateName", text}});
}

type_ptr object_type(const json& schema, bool whole, const std::string& name) {
  if (const json& others = at(schema, {"additionalProperties"}); others.is_object()) {
    type_ptr values = declared_child(others, name + ".@elem");
    return values ? cel::map_of(plain_type(type_kind::text), std::move(values)) : nullptr;
  }
  std::map<std::string, type_ptr, std::less<>> fields;
  const json& properties = at(schema, {"properties"});
  if (properties.is_object())
    for (const auto& [member, property] : properties.items()) {
      const std::string escaped = cel::escaped_name(member);
      if (escaped.empty()) continue;
      if (type_ptr field = declared_child(property, name + "." + escaped))
        fields.emplace(escaped, std::move(field));
    }
  if (whole) add_object_fields(name, fields);
  return cel::structure_of(name, std::move(fields));
}

}  // namespace

type_ptr declared_type(const json& schema, bool whole, const std::string& name) {
  if (is_set(schema, "x-kubernetes-int-or-string")) return plain_type(type_kind::dyn);
  const std::string type = string_at(schema, {"type"});
  if (type == "array") return array_type(schema, name);
  if (type == "object") return object_type(schema, whole, name);
  if (type == "string") return text_type(string_at(schema, {"format"}));
  if (type == "boolean") return plain_type(type_kind::boolean);
  if (type == "number") return plain_type(type_kind::real);
  if (type == "integer") return plain_type(type_kind::integer);
  return nullptr;
}

}  // namespace troupe::model
