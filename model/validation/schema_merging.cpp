#include "model/go_text.hpp"
#include "model/validation/custom_resource.hpp"
#include "model/validation/lists.hpp"

#include <optional>

namespace troupe::model {
namespace {

constexpr const char* list_type_name = "x-kubernetes-list-type";
constexpr const char* map_keys_name = "x-kubernetes-list-map-keys";
constexpr const char* map_type_name = "x-kubernetes-map-type";

void need_type(const json& schema, const char* extension, std::string_view type,
               const field_path& path, faults& out) {
  const auto has = text_of(schema, "type");
  const std::string why = "must be " + std::string(type) + " if " + extension + " is specified";
  if (value_of(schema, extension).is_null() || has == type) return;
  if (has.empty())
    out.required(path.child("type"), why);
  else
    out.invalid(path.child("type"), has, why);
}

/// The extension that makes a set's items merge, which they may not.
const char* merged_item(const json& items) {
  const auto type = text_of(items, "type");
  const json& list = value_of(items, list_type_name);
  if (type == "array" && !list.is_null() && list != "atomic") return list_type_name;
  return type == "object" && value_of(items, map_type_name) != "atomic" ? map_type_name : nullptr;
}

void validate_set(const json& items, const field_path& path, faults& out) {
  const char* extension = merged_item(items);
  if (extension)
    out.invalid(path.child("items").child(extension),
                "must be atomic as item of a list with x-kubernetes-list-type=set");
}

void validate_map_keys(const json& schema, const field_path& path, faults& out) {
  const field_path keys_path = path.child(map_keys_name);
  const auto& keys = items_of(schema, map_keys_name);
  const json& items = value_of(schema, "items");
  const field_path items_path = path.child("items");
  if (keys.empty()) out.required(keys_path, "must not be empty if x-kubernetes-list-type is map");
  if (items.is_null())
    return out.required(items_path, "must have a schema if x-kubernetes-list-type is map");
  if (text_of(items, "type") != "object")
    return out.invalid(items_path.child("type"), text_of(items, "type"),
                       "must be object if parent array's x-kubernetes-list-type is map");
  const field_path properties_path = items_path.child("properties");
  const auto& properties = members_of(items, "properties");
  std::set<std::string_view> seen;
  for (const json& key : keys) {
    const auto name = as_text(key);
    const auto found = properties.find(std::string(name));
    const bool known = found != properties.end();
    const auto type = known ? text_of(found->second, "type") : std::string_view();
    if (!known)
      out.invalid(keys_path, go_strings(value_of(schema, map_keys_name)),
                  "entries must all be names of item properties");
    else if (type == "array" || type == "object")
      out.invalid(properties_path.key(name).child("type"), "object",
                  "must be a scalar type if parent array's x-kubernetes-list-type is map");
    if (!seen.insert(name).second)
      out.invalid(keys_path, go_strings(value_of(schema, map_keys_name)),
                  "must not contain duplicate entries");
  }
}

/// Items of sets and maps are there, and so are the keys of a map's.
void validate_items_and_keys(const json& schema, const field_path& path, faults& out) {
  const auto list = as_text(value_of(schema, list_type_name));
  const json& items = value_of(schema, "items");
  if ((list != "map" && list != "set") || !items.is_object()) return;
  const field_path items_path = path.child("items");
  if (value_of(items, "nullable") == true)
    out.forbidden(items_path.child("nullable"),
                  "cannot be nullable when x-kubernetes-list-type is " + std::string(list));
  if (list == "set") return;
  const field_path properties_path = items_path.child("properties");
  const auto& needed = items_of(items, "required");
  for (const json& key : items_of(schema, map_keys_name)) {
    const auto& properties = members_of(items, "properties");
    const auto found = properties.find(std::string(as_text(key)));
    if (found == properties.end()) continue;
    const field_path here = properties_path.key(as_text(key));
    if (!has_text(needed, as_text(key)) && value_of(found->second, "default").is_null())
      out.required(here.child("default"),
                   "this property is in x-kubernetes-list-map-keys, so it must have a default or "
                   "be a required property");
    if (value_of(found->second, "nullable") == true)
      out.forbidden(here.child("nullable"),
                    "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
  }
}

void validate_list_type(const json& schema, const field_path& path, faults& out) {
  const json& list = value_of(schema, list_type_name);
  const field_path here = path.child(list_type_name);
  if (!list.is_null() && list != "atomic" && list != "map" && list != "set")
    out.not_supported(here, as_text(list), {"atomic", "set", "map"});
  if (list == "map") return validate_map_keys(schema, path, out);
  constexpr std::string_view why = "must be map if x-kubernetes-list-map-keys is non-empty";
  if (items_of(schema, map_keys_name).empty()) return;
  if (list.is_null())
    out.required(here, why);
  else
    out.invalid(here, list, why);
}

}  // namespace

void validate_merging(const json& schema, const schema_history& before, const field_path& path,
                      faults& out) {
  const json& map = value_of(schema, map_type_name);
  need_type(schema, map_type_name, "object", path, out);
  if (!map.is_null() && map != "atomic" && map != "granular")
    out.not_supported(path.child(map_type_name), as_text(map), {"atomic", "granular"});
  need_type(schema, list_type_name, "array", path, out);
  if (!before.loose_sets && value_of(schema, list_type_name) == "set" &&
      text_of(schema, "type") == "array")
    validate_set(value_of(schema, "items"), path, out);
  validate_list_type(schema, path, out);
  if (!before.loose_keys) validate_items_and_keys(schema, path, out);
}

schema_history looseness(const json& schema) {
  schema_history out;
  if (!schema.is_object()) return out;
  const json& items = value_of(schema, "items");
  faults missing;
  validate_items_and_keys(schema, field_path(""), missing);
  out.loose_keys = !missing.empty();
  out.loose_sets = value_of(schema, list_type_name) == "set" && merged_item(items);
  const auto add = [&](const json& below) {
    const schema_history more = looseness(below);
    out.loose_keys |= more.loose_keys;
    out.loose_sets |= more.loose_sets;
  };
  add(items);
  add(value_of(schema, "additionalProperties"));
  for (const auto& [name, property] : members_of(schema, "properties")) add(property);
  return out;
}

}  // namespace troupe::model
