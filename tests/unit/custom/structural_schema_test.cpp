// floors: model
#include "model/validation/custom_resource.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

std::vector<std::string> refused(const json& schema, const schema_history& before = {}) {
  faults out;
  validate_structural_schema(schema, before, field_path("s"), out);
  std::vector<std::string> said;
  for (const cause& c : out.take()) said.push_back(c.field + ": " + c.message);
  return said;
}

/// A property of the root, and what is wrong with it: "s.properties[p]" and these words.
struct property_case {
  const char* property;
  std::vector<const char*> said;
};

void expect_properties(std::span<const property_case> table) {
  for (const auto& c : table) {
    const json schema = {{"type", "object"}, {"properties", {{"p", json::parse(c.property)}}}};
    std::vector<std::string> said;
    for (const char* s : c.said) said.push_back(std::string("s.properties[p]") + s);
    EXPECT_THAT(refused(schema), ElementsAreArray(said)) << c.property;
  }
}

// The rules of apiextensions for x-kubernetes-list-type, -list-map-keys and -map-type.
TEST(StructuralSchema, HowListsAreMerged) {
  const property_case table[] = {
      {R"({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"})", {}},
      {R"({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "array",
           "items": {"type": "string"}}})",
       {}},
      {R"({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "array",
           "x-kubernetes-list-type": "set", "items": {"type": "string"}}})",
       {".items.x-kubernetes-list-type: Invalid value: must be atomic as item of a list with "
        "x-kubernetes-list-type=set"}},
      {R"({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "object"}})",
       {".items.x-kubernetes-map-type: Invalid value: must be atomic as item of a list with "
        "x-kubernetes-list-type=set"}},
      {R"({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "object",
           "x-kubernetes-map-type": "atomic"}})",
       {}},
      {R"({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string",
           "nullable": true}})",
       {".items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set"}},
      {R"({"type": "array", "x-kubernetes-list-map-keys": ["a"], "items": {"type": "string"}})",
       {".x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is "
        "non-empty"}},
      {R"({"type": "array", "x-kubernetes-list-type": "set", "x-kubernetes-list-map-keys": ["a"],
           "items": {"type": "string"}})",
       {".x-kubernetes-list-type: Invalid value: \"set\": must be map if "
        "x-kubernetes-list-map-keys is non-empty"}},
      {R"({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"],
           "items": {"type": "string"}})",
       {".items.type: Invalid value: \"string\": must be object if parent array's "
        "x-kubernetes-list-type is map"}},
      {R"({"type": "array", "x-kubernetes-list-type": "map",
           "x-kubernetes-list-map-keys": ["a", "b", "a"], "items": {"type": "object",
           "required": ["a"], "properties": {"a": {"type": "array", "items": {"type": "string"}}}}})",
       {".items.properties[a].type: Invalid value: \"object\": must be a scalar type if parent "
        "array's x-kubernetes-list-type is map",
        ".x-kubernetes-list-map-keys: Invalid value: []string{\"a\", \"b\", \"a\"}: entries must "
        "all be names of item properties",
        ".items.properties[a].type: Invalid value: \"object\": must be a scalar type if parent "
        "array's x-kubernetes-list-type is map",
        ".x-kubernetes-list-map-keys: Invalid value: []string{\"a\", \"b\", \"a\"}: must not "
        "contain duplicate entries"}},
      {R"({"type": "array", "x-kubernetes-list-type": "map",
           "x-kubernetes-list-map-keys": ["a", "b", "c"], "items": {"type": "object",
           "required": ["a"], "properties": {"a": {"type": "string", "nullable": true},
           "b": {"type": "string", "default": "x"}, "c": {"type": "string"}}}})",
       {".items.properties[a].nullable: Forbidden: this property is in "
        "x-kubernetes-list-map-keys, so it cannot be nullable",
        ".items.properties[c].default: Required value: this property is in "
        "x-kubernetes-list-map-keys, so it must have a default or be a required property"}},
  };
  expect_properties(table);
}

TEST(StructuralSchema, WhatIsStoredMayBeMergedAsItWas) {
  const json schema = json::parse(R"({"type": "object", "properties": {
      "s": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "object"}},
      "m": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"],
            "items": {"type": "object", "properties": {"a": {"type": "string"}}}}}})");
  EXPECT_EQ(refused(schema).size(), 2u);
  const schema_history before = looseness(schema);
  EXPECT_TRUE(before.loose_sets && before.loose_keys);
  EXPECT_THAT(refused(schema, before), IsEmpty());
  EXPECT_THAT(refused(schema, {.stored = true}), IsEmpty());
}

// The rules of apiextensions for structural schemas.
TEST(StructuralSchema, WhatLogicMaySay) {
  const property_case table[] = {
      {R"({"type": "string", "anyOf": [{"pattern": "a"}, {"maxLength": 3}]})", {}},
      {R"({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]})",
       {}},
      {R"({"x-kubernetes-int-or-string": true, "pattern": "a", "allOf": [{"anyOf":
           [{"type": "integer"}, {"type": "string"}]}, {"maxLength": 5}]})",
       {}},
      {R"({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "string"}, {"type": "integer"}]})",
       {".anyOf[0].type: Forbidden: must be empty to be structural",
        ".anyOf[1].type: Forbidden: must be empty to be structural"}},
      {R"({"type": "string", "oneOf": [{"description": "x", "title": "y", "nullable": true,
           "default": "a", "x-kubernetes-validations": [{"rule": "true"}]}]})",
       {".oneOf[0].default: Forbidden: must be undefined to be structural",
        ".oneOf[0].title: Forbidden: must be empty to be structural",
        ".oneOf[0].description: Forbidden: must be empty to be structural",
        ".oneOf[0].nullable: Forbidden: must be false to be structural",
        ".oneOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural"}},
      {R"({"type": "object", "properties": {"a": {"type": "object"}}, "not": {"properties": {
           "a": {"additionalProperties": true}, "metadata": {"required": ["name"]}}}})",
       {".not.properties[a].additionalProperties: Forbidden: must be undefined to be structural",
        ".not.properties[metadata]: Forbidden: must not be specified in a nested context"}},
      {R"({"type": "string", "pattern": "[a"})",
       {".pattern: Invalid value: \"[a\": must be a valid regular expression, but isn't: error "
        "parsing regexp: missing closing ]: `[a`"}},
      {R"({"type": "string", "allOf": [{"pattern": "*"}]})",
       {".allOf[0].pattern: Invalid value: \"*\": must be a valid regular expression, but isn't: "
        "error parsing regexp: missing argument to repetition operator: `*`"}},
      {R"({"type": "object", "x-kubernetes-preserve-unknown-fields": false})",
       {".x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined"}},
      {R"({"x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true})",
       {".x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if "
        "x-kubernetes-int-or-string is true"}},
      {R"({"type": "object", "x-kubernetes-embedded-resource": true})",
       {".properties: Required value: must not be empty if x-kubernetes-embedded-resource is true "
        "without x-kubernetes-preserve-unknown-fields"}},
      {R"({"type": "object", "x-kubernetes-embedded-resource": true, "properties": {
           "metadata": {"type": "object", "properties": {"labels": {"type": "object"}}}}})",
       {}},
      {R"({"type": "object", "x-kubernetes-embedded-resource": true, "properties": {
           "metadata": {"type": "object", "additionalProperties": {"type": "string",
           "default": "a"}}}})",
       {".properties[metadata].additionalProperties.default: Forbidden: must not be set inside "
        "additionalProperties applying to object metadata"}},
  };
  expect_properties(table);
}

TEST(StructuralSchema, WhatTheRootMaySay) {
  struct {
    const char* schema;
    std::vector<std::string> said;
    bool has_status = false;
  } const table[] = {
      {R"({"type": "object", "additionalProperties": {"type": "string"}})",
       {"s.additionalProperties: Forbidden: must not be used at the root"}},
      {R"({"type": "object", "properties": {"a": {"type": "object", "properties":
           {"b": {"type": "string"}}}},
           "anyOf": [{"properties": {"a": {"properties": {"b": {}, "c": {}}}}},
                     {"required": ["a"]}, {"properties": {"d": {"items": {}}}}]})",
       {"s.properties[a].properties[c]: Required value: because it is defined in "
        "s.anyOf[0].properties[a].properties[c]",
        "s.properties[d]: Required value: because it is defined in s.anyOf[2].properties[d]"}},
      {R"({"type": "object", "properties": {"metadata": {"type": "object",
           "properties": {"name": {"type": "string", "maxLength": 9}}}}})",
       {}},
      {R"({"type": "object", "properties": {"metadata": {"type": "object", "description": "x"}}})",
       {"s.properties[metadata]: Forbidden: must not specify anything other than name and "
        "generateName, but metadata is implicitly specified"}},
      {R"({"type": "object", "properties": {"kind": {"type": "string", "default": "A"}}})",
       {"s.properties[kind].default: Forbidden: must not be set in top-level kind"}},
      {R"({"type": "object", "description": "d", "required": ["a"], "minProperties": 2})", {}},
      {R"({"type": "object", "description": "d", "required": ["a"], "minProperties": 2})",
       {"s: Invalid value: only [Description Type Format Title Maximum ExclusiveMaximum Minimum "
        "ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf "
        "Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] "
        "fields are allowed at the root of the schema if the status subresource is enabled"},
       true},
      {R"({"type": "object", "description": "d", "x-kubernetes-preserve-unknown-fields": true})",
       {},
       true},
  };
  for (const auto& c : table)
    EXPECT_THAT(refused(json::parse(c.schema), {.has_status = c.has_status}),
                ElementsAreArray(c.said))
        << c.schema;
}

}  // namespace
}  // namespace troupe::model
