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

/// What cannot be said together, or not here.
void validate_extensions(const json& schema, level lvl, const field_path& path, faults& out) {
  constexpr const char* embedded = "x-kubernetes-embedded-resource";
  constexpr const char* preserved = "x-kubernetes-preserve-unknown-fields";
  const bool others = !value_of(schema, "additionalProperties").is_null();
  const field_path others_path = path.child("additionalProperties");
  if (value_of(schema, preserved) == false)
    out.invalid(path.child(preserved), false, "must be true or undefined");
  if (is_on(schema, "x-kubernetes-int-or-string"))
    for (const char* other : {preserved, embedded})
      if (is_on(schema, other))
        out.invalid(path.child(other), true, "must be false if x-kubernetes-int-or-string is true");
  if (lvl == level::root && others) out.forbidden(others_path, "must not be used at the root");
  if (!is_on(schema, embedded)) return;
  if (others)
    out.forbidden(others_path, "must not be used if x-kubernetes-embedded-resource is set");
  if (!is_on(schema, preserved) && members_of(schema, "properties").empty())
    out.required(path.child("properties"),
                 "must not be empty if x-kubernetes-embedded-resource is true without "
                 "x-kubernetes-preserve-unknown-fields");
}

/// Of metadata at the root only the names may be spoken of.
bool restricts_names_alone(const json& metadata) {
  for (const auto& [name, value] : metadata.items())
    if (name != "type" && name != "properties" && name != "default" && !value.is_null() &&
        value != "" && value != false && !(value.is_structured() && value.empty()))
      return false;
  return std::ranges::all_of(members_of(metadata, "properties"), [](const auto& m) {
    return m.first == "name" || m.first == "generateName";
  });
}

/// Where status is judged by itself, all else that the root says is about the other fields.
void validate_root_with_status(const json& schema, const field_path& path, faults& out) {
  constexpr std::string_view allowed[] = {"description",
                                          "type",
                                          "format",
                                          "title",
                                          "maximum",
                                          "minimum",
                                          "maxLength",
                                          "minLength",
                                          "pattern",
                                          "exclusiveMaximum",
                                          "maxItems",
                                          "minItems",
                                          "uniqueItems",
                                          "multipleOf",
                                          "exclusiveMinimum",
                                          "required",
                                          "items",
                                          "properties",
                                          "externalDocs",
                                          "example",
                                          "nullable",
                                          "x-kubernetes-preserve-unknown-fields",
                                          "x-kubernetes-validations"};
  const auto forbidden = [&](const auto& m) {
    const json& value = m.value();
    const bool said = !value.is_null() && value != false && value != "" &&
                      !(value.is_structured() && value.empty());
    return said && std::ranges::find(allowed, m.key()) == std::end(allowed);
  };
  if (std::ranges::any_of(schema.items(), forbidden))
    out.invalid(path,
                "only [Description Type Format Title Maximum ExclusiveMaximum Minimum "
                "ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems "
                "MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields "
                "XValidations] fields are allowed at the root of the schema if the status "
                "subresource is enabled");
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
  const json& metadata = value_of(properties, "metadata");
  if (lvl == level::root && metadata.is_object() && !restricts_names_alone(metadata))
    out.forbidden(properties_path.key("metadata"),
                  "must not specify anything other than name and generateName, but metadata is "
                  "implicitly specified");
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
  schema_walk(const schema_history& before, faults& out)
      : before_(before), out_(out), costs_(!before.stored) {}

  struct place {
    level lvl = level::root;
    /// The outermost place above within which nobody can tell what is the same as before.
    const std::string* uncorrelated = nullptr;
    std::optional<std::uint64_t> cardinality = 1;
    bool in_metadata = false;     ///< of an object: its own, or that of one within
    std::string no_default = {};  ///< why nothing may have a default here
  };

  void visit(const json& schema, const place& here, const field_path& path) {
    if (!schema.is_object()) return;
    const std::size_t before = out_.size();
    validate_unsupported(schema, path, out_);
    validate_type(schema, here.lvl, path, out_);
    validate_object_fields(schema, here.lvl, path, out_);
    if (!before_.stored) {
      validate_extensions(schema, here.lvl, path, out_);
      validate_merging(schema, before_, path, out_);
      validate_logic(schema, path, out_);
      if (here.in_metadata && is_on(schema, "x-kubernetes-embedded-resource"))
        out_.forbidden(path.child("x-kubernetes-embedded-resource"),
                       "must not be used inside of resource meta");
      if (!here.no_default.empty() && !value_of(schema, "default").is_null())
        out_.forbidden(path.child("default"), "must not be set " + here.no_default);
    }
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
                   cardinality_below(schema, here.cardinality), here.in_metadata, here.no_default};
    };
    const json& items = value_of(schema, "items");
    if (text_of(schema, "type") == "array" && items.is_null())
      out_.required(path.child("items"), "must be specified");
    const bool keyed = text_of(schema, "x-kubernetes-list-type") == "map";
    visit(items, inside(level::item, keyed), path.child("items"));
    const field_path properties_path = path.child("properties");
    const auto& properties = members_of(schema, "properties");
    for (const auto& [name, property] : properties)
      visit(property, member(schema, here, inside(level::field, true), name),
            properties_path.key(name));
    const json& others = value_of(schema, "additionalProperties");
    if (!others.is_null() && !properties.empty() && others != true)
      out_.forbidden(path.child("additionalProperties"),
                     "additionalProperties and properties are mutual exclusive");
    place other = inside(level::field, true);
    if (other.in_metadata)
      other.no_default = "inside additionalProperties applying to object metadata";
    visit(others, other, path.child("additionalProperties"));
  }

  static place member(const json& schema, const place& here, place below, const std::string& name) {
    const bool root = here.lvl == level::root;
    const bool of_every_object = name == "metadata" || name == "kind" || name == "apiVersion";
    if (!of_every_object || !(root || is_on(schema, "x-kubernetes-embedded-resource")))
      return below;
    below.in_metadata = true;
    if (root) below.no_default = "in top-level " + name;
    return below;
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

  const schema_history& before_;
  faults& out_;
  faults of_rules_;
  rule_costs costs_;
};

}  // namespace

void validate_structural_schema(const json& schema, const schema_history& before,
                                const field_path& path, faults& out) {
  if (is_on(schema, "nullable"))
    out.forbidden(path.child("nullable"), "nullable cannot be true at the root");
  if (!before.stored) {
    if (before.has_status) validate_root_with_status(schema, path, out);
    validate_logic_is_complete(schema, path, out);
  }
  schema_walk walk(before, out);
  walk.visit(schema, {}, path);
  walk.finish(path);
}

std::string comma_joined(std::string text) {
  for (auto at = text.find("; "); at != text.npos; at = text.find("; ")) text.replace(at, 2, ",");
  return text;
}

}  // namespace troupe::model
