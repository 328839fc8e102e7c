#include "model/custom/declared_types.hpp"
#include "model/custom/document.hpp"
#include "model/custom/rules.hpp"
#include "model/validation/custom_resource.hpp"
#include "model/validation/lists.hpp"

#include <optional>

namespace troupe::model {
namespace {

enum class level : std::uint8_t { root, field, item };

bool is_on(const json& schema, const char* extension) {
  return value_of(schema, extension) == true;
}

void validate_type(const json& schema, level lvl, const field_path& path, faults& out) {
  constexpr std::string_view types[] = {"array",  "boolean", "integer",
                                        "number", "object",  "string"};
  const field_path here = path.child("type");
  const auto type = text_of(schema, "type");
  const bool embedded = is_on(schema, "x-kubernetes-embedded-resource");
  constexpr std::string_view for_embedded =
      "must be object if x-kubernetes-embedded-resource is true";
  if (type == "null")
    out.forbidden(here, "type cannot be set to null, use nullable as an alternative");
  else if (!type.empty() && std::ranges::find(types, type) == std::end(types))
    out.not_supported(here, type, types);
  if (embedded && type.empty()) return out.required(here, for_embedded);
  if (embedded && type != "object") return out.invalid(here, type, for_embedded);
  if (type.empty() && !is_on(schema, "x-kubernetes-int-or-string") &&
      !is_on(schema, "x-kubernetes-preserve-unknown-fields"))
    out.required(here, lvl == level::root   ? "must not be empty at the root"
                       : lvl == level::item ? "must not be empty for specified array items"
                                            : "must not be empty for specified object fields");
  if (lvl == level::root && !type.empty() && type != "object")
    out.invalid(here, type, "must be object at the root");
}

void validate_unsupported(const json& schema, const field_path& path, faults& out) {
  for (const char* name :
       {"$ref", "patternProperties", "definitions", "dependencies", "id", "additionalItems"})
    if (!value_of(schema, name).is_null())
      out.forbidden(path.child(name), std::string(name) + " is not supported");
  if (is_on(schema, "uniqueItems"))
    out.forbidden(path.child("uniqueItems"),
                  "uniqueItems cannot be set to true since the runtime complexity becomes "
                  "quadratic");
  if (value_of(schema, "items").is_array())
    out.forbidden(path.child("items"), "items must be a schema object and not an array");
}

void need_type(const json& schema, const char* extension, std::string_view type,
               const field_path& path, faults& out) {
  if (value_of(schema, extension).is_null()) return;
  const auto has = text_of(schema, "type");
  const std::string why = "must be " + std::string(type) + " if " + extension + " is specified";
  if (has.empty())
    out.required(path.child("type"), why);
  else if (has != type)
    out.invalid(path.child("type"), has, why);
}

void validate_merging(const json& schema, const field_path& path, faults& out) {
  constexpr const char* list_type = "x-kubernetes-list-type";
  constexpr const char* map_keys = "x-kubernetes-list-map-keys";
  constexpr const char* map_type = "x-kubernetes-map-type";
  need_type(schema, list_type, "array", path, out);
  need_type(schema, map_type, "object", path, out);
  const json& list = value_of(schema, list_type);
  if (!list.is_null() && list != "atomic" && list != "map" && list != "set")
    out.not_supported(path.child(list_type), as_text(list), {"atomic", "map", "set"});
  const json& map = value_of(schema, map_type);
  if (!map.is_null() && map != "atomic" && map != "granular")
    out.not_supported(path.child(map_type), as_text(map), {"atomic", "granular"});
  const auto& keys = items_of(schema, map_keys);
  if (list == "map" && keys.empty())
    out.required(path.child(map_keys), "must not be empty if x-kubernetes-list-type is map");
  if (list != "map" && !keys.empty())
    out.forbidden(path.child(list_type), "must be map if x-kubernetes-list-map-keys is non-empty");
}

/// The fields that every object has may be restricted, but not made into something else.
void validate_object_fields(const json& schema, level lvl, const field_path& path, faults& out) {
  if (lvl != level::root && !is_on(schema, "x-kubernetes-embedded-resource")) return;
  const field_path properties_path = path.child("properties");
  const json& properties = value_of(schema, "properties");
  constexpr std::pair<const char*, const char*> known[] = {
      {"kind", "string"}, {"apiVersion", "string"}, {"metadata", "object"}};
  for (const auto& [name, type] : known) {
    const json& property = value_of(properties, name);
    if (property.is_null() || text_of(property, "type") == type) continue;
    const field_path here = properties_path.key(name);
    out.invalid(here.child("type"), text_of(property, "type"), std::string("must be ") + type);
  }
  const auto& metadata = members_of(value_of(properties, "metadata"), "properties");
  for (const auto& [name, ignored] : metadata)
    if (name != "name" && name != "generateName") {
      out.forbidden(properties_path.key("metadata"),
                    "must not specify anything other than name and generateName, but metadata is "
                    "implicitly specified");
      break;
    }
}

/// A default has to be what the schema asks for, and to be left as it is by pruning.
void validate_default(const json& schema, const field_path& path, faults& out) {
  const auto found = schema.find("default");
  if (found == schema.end()) return;
  const field_path here = path.child("default");
  const node_ptr node = read_schema(schema);
  json pruned = *found;
  std::vector<std::string> unknown;
  prune_value(*node, pruned, unknown);
  if (!unknown.empty()) out.invalid(here, *found, "must not have unknown fields");
  constexpr std::string_view prefix = "Invalid value: ";
  for (const cause& c : schema_faults_at(*node, pruned, here)) {
    std::string_view why = c.message;
    if (why.starts_with(prefix)) why.remove_prefix(prefix.size());
    if (c.reason == "FieldValueRequired")
      out.required(field_path(c.field));
    else
      out.invalid(field_path(c.field), why);
  }
}

/// One walk over a schema. Rules in CEL are looked into where nothing is wrong with the schemas
/// that they are about; what is wrong with them comes after all else.
class schema_walk {
 public:
  schema_walk(bool limits_costs, faults& out) : out_(out), costs_(limits_costs) {}

  struct place {
    level lvl = level::root;
    /// The outermost place above within which nobody can tell what is the same as before.
    const std::string* uncorrelated = nullptr;
    std::optional<std::uint64_t> cardinality = 1;
  };

  void visit(const json& schema, const place& here, const field_path& path) {
    if (!schema.is_object()) return;
    const std::size_t before = out_.size();
    validate_unsupported(schema, path, out_);
    validate_type(schema, here.lvl, path, out_);
    validate_merging(schema, path, out_);
    validate_object_fields(schema, here.lvl, path, out_);
    const field_path rules_path = path.child("x-kubernetes-validations");
    const auto& rules = items_of(schema, "x-kubernetes-validations");
    for (std::size_t i = 0; i < rules.size(); ++i)
      validate_rule(rules[i], schema, rules_path.index(i), out_);
    validate_default(schema, path, out_);
    below(schema, here, path);
    if (!rules.empty() && out_.size() == before) types(schema, here, rules_path);
  }

  void finish(const field_path& root) {
    out_.append(std::move(of_rules_));
    costs_.finish(root, out_);
  }

 private:
  void below(const json& schema, const place& here, const field_path& path) {
    const std::string text = path.text();
    const auto inside = [&](level lvl, bool correlated) {
      return place{lvl, here.uncorrelated || correlated ? here.uncorrelated : &text,
                   cardinality_below(schema, here.cardinality)};
    };
    const json& items = value_of(schema, "items");
    if (text_of(schema, "type") == "array" && items.is_null())
      out_.required(path.child("items"), "must be specified");
    const bool keyed = text_of(schema, "x-kubernetes-list-type") == "map";
    visit(items, inside(level::item, keyed), path.child("items"));
    const bool atomic = text_of(schema, "x-kubernetes-map-type") == "atomic";
    const field_path properties_path = path.child("properties");
    const auto& properties = members_of(schema, "properties");
    for (const auto& [name, property] : properties)
      visit(property, inside(level::field, !atomic), properties_path.key(name));
    const json& others = value_of(schema, "additionalProperties");
    if (!others.is_null() && !properties.empty() && others != true)
      out_.forbidden(path.child("additionalProperties"),
                     "additionalProperties and properties are mutual exclusive");
    visit(others, inside(level::field, true), path.child("additionalProperties"));
  }

  void types(const json& schema, const place& here, const field_path& rules_path) {
    const bool whole = here.lvl == level::root || is_on(schema, "x-kubernetes-embedded-resource");
    const cel::type_ptr known = declared_type(schema, whole);
    const rule_place at{known ? known : cel::plain_type(cel::type_kind::dyn), here.uncorrelated,
                        here.cardinality};
    const auto& rules = items_of(schema, "x-kubernetes-validations");
    for (std::size_t i = 0; i < rules.size(); ++i)
      validate_expressions(rules[i], at, rules_path.index(i), costs_, of_rules_);
  }

  faults& out_;
  faults of_rules_;
  rule_costs costs_;
};

}  // namespace

void validate_structural_schema(const json& schema, bool stored, const field_path& path,
                                faults& out) {
  if (is_on(schema, "nullable"))
    out.forbidden(path.child("nullable"), "nullable cannot be true at the root");
  schema_walk walk(!stored, out);
  walk.visit(schema, {}, path);
  walk.finish(path);
}

std::string comma_joined(std::string text) {
  for (auto at = text.find("; "); at != text.npos; at = text.find("; ")) text.replace(at, 2, ",");
  return text;
}

}  // namespace troupe::model
