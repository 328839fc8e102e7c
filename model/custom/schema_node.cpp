#include "model/custom/schema_node.hpp"

#include "model/custom/declared_types.hpp"
#include "model/custom/rules.hpp"

#include <algorithm>
#include <re2/re2.h>

namespace troupe::model {
namespace {

constexpr int deepest = 100;
constexpr std::int64_t largest_pattern = 1 << 20;  // bytes of a compiled pattern

bool is_on(const json& schema, const char* name) {
  return at(schema, {name}) == true;
}

std::vector<std::string> strings_of(const json& list) {
  std::vector<std::string> out;
  for (const json& item : list)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

std::optional<double> number_of(const json& schema, const char* name) {
  const json& value = at(schema, {name});
  if (!value.is_number()) return std::nullopt;
  return value.get<double>();
}

std::optional<std::size_t> size_of(const json& schema, const char* name) {
  const json& value = at(schema, {name});
  if (!value.is_number_integer() || value < 0) return std::nullopt;
  return value.get<std::size_t>();
}

value_type type_of(const json& schema) {
  static constexpr std::pair<std::string_view, value_type> types[] = {
      {"object", value_type::object}, {"array", value_type::array},
      {"string", value_type::string}, {"integer", value_type::integer},
      {"number", value_type::number}, {"boolean", value_type::boolean}};
  const std::string name = string_at(schema, {"type"});
  for (const auto& [text, type] : types)
    if (text == name) return type;
  return value_type::any;
}

node_ptr read(const json& schema, int depth);

std::vector<node_ptr> read_each(const json& list, int depth) {
  std::vector<node_ptr> out;
  for (const json& item : list)
    if (auto node = read(item, depth)) out.push_back(std::move(node));
  return out;
}

std::shared_ptr<const re2::RE2> compile(const std::string& pattern) {
  if (pattern.empty()) return nullptr;
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(largest_pattern);
  auto made = std::make_shared<const re2::RE2>(pattern, options);
  return made->ok() ? made : nullptr;
}

std::unique_ptr<value_rules> read_rules(const json& schema, int depth) {
  static constexpr const char* names[] = {
      "format",        "pattern",       "minimum",  "maximum", "multipleOf", "minLength",
      "maxLength",     "minItems",      "maxItems", "enum",    "required",   "allOf",
      "minProperties", "maxProperties", "anyOf",    "oneOf",   "not"};
  if (std::ranges::none_of(names, [&](const char* n) { return schema.contains(n); }))
    return nullptr;
  auto r = std::make_unique<value_rules>();
  r->format = string_at(schema, {"format"});
  r->pattern = string_at(schema, {"pattern"});
  r->regex = compile(r->pattern);
  r->minimum = number_of(schema, "minimum");
  r->maximum = number_of(schema, "maximum");
  r->multiple_of = number_of(schema, "multipleOf");
  r->exclusive_minimum = is_on(schema, "exclusiveMinimum");
  r->exclusive_maximum = is_on(schema, "exclusiveMaximum");
  r->min_length = size_of(schema, "minLength");
  r->max_length = size_of(schema, "maxLength");
  r->min_items = size_of(schema, "minItems");
  r->max_items = size_of(schema, "maxItems");
  r->min_properties = size_of(schema, "minProperties");
  r->max_properties = size_of(schema, "maxProperties");
  for (const json& value : at(schema, {"enum"})) r->enumeration.push_back(value);
  r->required = strings_of(at(schema, {"required"}));
  r->all_of = read_each(at(schema, {"allOf"}), depth);
  r->any_of = read_each(at(schema, {"anyOf"}), depth);
  r->one_of = read_each(at(schema, {"oneOf"}), depth);
  r->none_of = read(at(schema, {"not"}), depth);
  return r;
}

std::vector<schema_rule> read_validations(const json& schema) {
  std::vector<schema_rule> out;
  for (const json& v : at(schema, {"x-kubernetes-validations"})) {
    schema_rule r{
        string_at(v, {"rule"}),   string_at(v, {"message"}),   string_at(v, {"messageExpression"}),
        string_at(v, {"reason"}), string_at(v, {"fieldPath"}), is_on(v, "optionalOldSelf")};
    compile_rule(r);
    out.push_back(std::move(r));
  }
  return out;
}

void read_merging(const json& schema, schema_node& n) {
  const std::string list = string_at(schema, {"x-kubernetes-list-type"});
  n.list = list == "map" ? list_type::map : list == "set" ? list_type::set : list_type::atomic;
  n.map_keys = strings_of(at(schema, {"x-kubernetes-list-map-keys"}));
  n.atomic = string_at(schema, {"x-kubernetes-map-type"}) == "atomic";
}

void read_structure(const json& schema, int depth, schema_node& n) {
  if (const json& properties = at(schema, {"properties"}); properties.is_object())
    for (const auto& [name, property] : properties.items())
      if (auto node = read(property, depth)) n.properties.push_back({name, std::move(node)});
  n.items = read(at(schema, {"items"}), depth);
  const json& others = at(schema, {"additionalProperties"});
  n.any_member = others == true;
  n.members = read(others, depth);
}

// Whether there is anything to set or to judge by CEL, so that most of a document is passed over.
void note_below(const schema_node* below, schema_node& n) {
  if (!below) return;
  n.has_defaults |= below->has_defaults || below->by_default.has_value();
  n.has_validations |= below->has_validations;
  n.has_embedded |= below->has_embedded;
}

node_ptr read(const json& schema, int depth) {
  if (!schema.is_object() || depth > deepest) return nullptr;
  auto n = std::make_unique<schema_node>();
  n->type = type_of(schema);
  n->nullable = is_on(schema, "nullable");
  n->preserves_unknown = is_on(schema, "x-kubernetes-preserve-unknown-fields");
  n->int_or_string = is_on(schema, "x-kubernetes-int-or-string");
  n->embedded = is_on(schema, "x-kubernetes-embedded-resource");
  n->has_embedded = n->embedded;
  read_merging(schema, *n);
  if (const auto value = schema.find("default"); value != schema.end()) n->by_default = *value;
  read_structure(schema, depth + 1, *n);
  n->rules = read_rules(schema, depth + 1);
  n->validations = read_validations(schema);
  n->has_validations = !n->validations.empty();
  if (n->has_validations) n->self_type = declared_type(schema, depth == 0 || n->embedded);
  for (const auto& p : n->properties) note_below(p.node.get(), *n);
  note_below(n->items.get(), *n);
  note_below(n->members.get(), *n);
  return n;
}

}  // namespace

std::string_view name_of(value_type t) {
  switch (t) {
    case value_type::object:
      return "object";
    case value_type::array:
      return "array";
    case value_type::string:
      return "string";
    case value_type::integer:
      return "integer";
    case value_type::number:
      return "number";
    case value_type::boolean:
      return "boolean";
    case value_type::any:
      break;
  }
  return "";
}

const schema_node* schema_node::find(std::string_view name) const {
  const auto found = std::ranges::lower_bound(properties, name, {}, &property::name);
  return found != properties.end() && found->name == name ? found->node.get() : nullptr;
}

node_ptr read_schema(const json& schema) {
  return read(schema, 0);
}

bool is_object_member(std::string_view name) {
  return name == "apiVersion" || name == "kind" || name == "metadata";
}

}  // namespace troupe::model
