// floors: model
#include "model/custom/document.hpp"
#include "model/custom/embedded.hpp"
#include "model/custom/formats.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

json parsed(const char* text) {
  json out = json::parse(text, nullptr, false);
  EXPECT_FALSE(out.is_discarded()) << text;
  return out;
}

TEST(CustomSchema, PrunesWhatItDoesNotKnow) {
  struct row {
    const char *schema, *document, *left;
    std::vector<std::string> unknown;
  };
  const row table[] = {
      {R"({"properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}}})",
       R"({"apiVersion": "v", "kind": "K", "metadata": {"name": "x"}, "spec": {"a": "1", "b": 2}, "c": 3})",
       R"({"apiVersion": "v", "kind": "K", "metadata": {"name": "x"}, "spec": {"a": "1"}})",
       {"unknown field \"c\"", "unknown field \"spec.b\""}},
      {R"({"properties": {"l": {"type": "array", "items": {"type": "object", "properties": {"a": {}}}}}})",
       R"({"l": [{"a": 1}, {"b": 1}]})",
       R"({"l": [{"a": 1}, {}]})",
       {"unknown field \"l[1].b\""}},
      {R"({"properties": {"p": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
           "properties": {"q": {"type": "object"}}}}})",
       R"({"p": {"free": {"x": 1}, "q": {"y": 2}}})",
       R"({"p": {"free": {"x": 1}, "q": {}}})",
       {"unknown field \"p.q.y\""}},
      {R"({"properties": {"m": {"type": "object", "additionalProperties": {"type": "object"}},
                          "n": {"type": "object", "additionalProperties": true}}})",
       R"({"m": {"k": {"x": 1}}, "n": {"k": {"x": 1}}})",
       R"({"m": {"k": {}}, "n": {"k": {"x": 1}}})",
       {"unknown field \"m.k.x\""}},
      {R"({"properties": {"e": {"type": "object", "x-kubernetes-embedded-resource": true}}})",
       R"({"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {}}})",
       R"({"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}})",
       {"unknown field \"e.spec\""}}};
  for (const row& r : table) {
    json document = parsed(r.document);
    std::vector<std::string> unknown;
    prune_unknown(*read_schema(parsed(r.schema)), document, unknown);
    EXPECT_EQ(document, parsed(r.left)) << r.schema;
    EXPECT_THAT(unknown, testing::UnorderedElementsAreArray(r.unknown)) << r.schema;
  }
}

TEST(CustomSchema, SetsDefaults) {
  struct row {
    const char *schema, *document, *filled;
  };
  const row table[] = {
      {R"({"properties": {"a": {"type": "integer", "default": 5}, "b": {"type": "string"}}})", "{}",
       R"({"a": 5})"},
      {R"({"properties": {"a": {"type": "integer", "default": 5}}})", R"({"a": 0})", R"({"a": 0})"},
      {R"({"properties": {"a": {"type": "integer", "default": 5}}})", R"({"a": null})",
       R"({"a": 5})"},
      {R"({"properties": {"a": {"type": "integer", "default": 5, "nullable": true}}})",
       R"({"a": null})", R"({"a": null})"},
      {R"({"properties": {"a": {"type": "integer"}}})", R"({"a": null})", "{}"},
      // Nothing comes into being around a default, but a default may have defaults in it.
      {R"({"properties": {"s": {"type": "object", "properties": {"a": {"default": 1}}}}})", "{}",
       "{}"},
      {R"({"properties": {"s": {"type": "object", "default": {}, "properties": {"a": {"default": 1}}}}})",
       "{}", R"({"s": {"a": 1}})"},
      {R"({"properties": {"l": {"type": "array", "items": {"type": "object",
           "properties": {"a": {"default": 1}}}}}})",
       R"({"l": [{}, {"a": 2}]})", R"({"l": [{"a": 1}, {"a": 2}]})"},
      {R"({"properties": {"m": {"type": "object", "additionalProperties": {"type": "object",
           "properties": {"a": {"default": 1}}}}}})",
       R"({"m": {"k": {}}})", R"({"m": {"k": {"a": 1}}})"}};
  for (const row& r : table) {
    json document = parsed(r.document);
    set_defaults(*read_schema(parsed(r.schema)), document);
    EXPECT_EQ(document, parsed(r.filled)) << r.schema << r.document;
  }
}

std::vector<std::string> faults_of(const char* property, const char* value) {
  const json schema = {{"type", "object"}, {"properties", {{"f", parsed(property)}}}};
  std::vector<std::string> out;
  for (const cause& c : schema_faults(*read_schema(schema), {{"f", parsed(value)}}))
    out.push_back(c.field + ": " + c.message);
  return out;
}

TEST(CustomSchema, JudgesInTheWordsOfOpenApi) {
  struct row {
    const char *property, *value;
    std::vector<std::string> faults;
  };
  const row table[] = {
      {R"({"type": "integer"})",
       R"("x")",
       {R"(f: Invalid value: "string": f in body must be of type integer: "string")"}},
      {R"({"type": "integer"})",
       "1.5",
       {R"(f: Invalid value: "number": f in body must be of type integer: "number")"}},
      {R"({"type": "integer"})", "2.0", {}},
      {R"({"type": "string"})",
       "null",
       {R"(f: Invalid value: "null": f in body must be of type string: "null")"}},
      {R"({"type": "string", "nullable": true})", "null", {}},
      {R"({"type": "integer", "minimum": 1, "maximum": 10})",
       "0",
       {"f: Invalid value: 0: f in body should be greater than or equal to 1"}},
      {R"({"type": "integer", "minimum": 1, "maximum": 10})",
       "15",
       {"f: Invalid value: 15: f in body should be less than or equal to 10"}},
      {R"({"type": "number", "minimum": 1, "exclusiveMinimum": true})",
       "1",
       {"f: Invalid value: 1: f in body should be greater than 1"}},
      {R"({"type": "number", "multipleOf": 0.5})",
       "0.7",
       {"f: Invalid value: 0.7: f in body should be a multiple of 0.5"}},
      {R"({"type": "number", "multipleOf": 0.5})", "1.5", {}},
      {R"({"type": "string", "pattern": "^a+$"})",
       R"("b")",
       {R"(f: Invalid value: "b": f in body should match '^a+$')"}},
      {R"({"type": "string", "minLength": 2})",
       R"("ä")",
       {R"(f: Invalid value: "ä": f in body should be at least 2 chars long)"}},
      {R"({"type": "string", "maxLength": 2})",
       R"("abc")",
       {"f: Too long: may not be more than 2 bytes"}},
      {R"({"type": "string", "enum": ["a", "b"]})",
       R"("c")",
       {R"(f: Unsupported value: "c": supported values: "a", "b")"}},
      {R"({"type": "string", "format": "date-time"})",
       R"("now")",
       {R"(f: Invalid value: "now": f in body must be of type date-time: "now")"}},
      {R"({"type": "object", "required": ["a"]})", "{}", {"f.a: Required value"}},
      {R"({"type": "array", "items": {"type": "string"}, "minItems": 1})",
       "[]",
       {"f: Invalid value: 0: f in body should have at least 1 items"}},
      {R"({"type": "array", "items": {"type": "string"}, "maxItems": 1})",
       R"(["a", "b"])",
       {"f: Too many: 2: must have at most 1 item"}},
      {R"({"type": "array", "items": {"type": "string"}})",
       R"(["a", 1])",
       {R"(f[1]: Invalid value: "integer": f[1] in body must be of type string: "integer")"}},
      {R"({"type": "object", "additionalProperties": {"type": "string"}})",
       R"({"k": 1})",
       {R"(f.k: Invalid value: "integer": f.k in body must be of type string: "integer")"}},
      {R"({"x-kubernetes-int-or-string": true})", "5", {}},
      {R"({"x-kubernetes-int-or-string": true})", R"("5%")", {}},
      {R"({"x-kubernetes-int-or-string": true})",
       "true",
       {R"(f: Invalid value: "boolean": f in body must be of type integer,string: "boolean")"}},
      {R"({"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]})",
       R"({"a": 1, "b": 1})",
       {R"(<nil>: Invalid value: "": "f" must validate one and only one schema (oneOf). Found 2 valid alternatives)"}},
      {R"({"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]})",
       R"({"a": 1})",
       {}},
      {R"({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]})",
       "{}",
       {R"(<nil>: Invalid value: "": "f" must validate at least one schema (anyOf))",
        "f.a: Required value"}},
      {R"({"type": "object", "not": {"required": ["a"]}})",
       R"({"a": 1})",
       {R"(<nil>: Invalid value: "": "f" must not validate the schema (not))"}},
      {R"({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}})",
       R"(["a", "b", "a"])",
       {R"(f[2]: Duplicate value: "a")"}},
      {R"({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"],
           "items": {"type": "object", "properties": {"n": {"type": "string"}}}})",
       R"([{"n": "a"}, {"n": "a", "v": 1}])",
       {R"(f[1]: Duplicate value: map[string]interface {}{"n":"a"})"}}};
  for (const row& r : table) EXPECT_EQ(faults_of(r.property, r.value), r.faults) << r.property;
}

TEST(CustomSchema, WhatHasNotChangedIsNotJudgedAgain) {
  const auto schema = read_schema(parsed(
      R"({"type": "object", "properties": {"a": {"type": "integer", "maximum": 1},
          "l": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"],
                "items": {"type": "object", "properties": {"n": {}, "v": {"type": "integer", "maximum": 1}}}}}})"));
  const json old = parsed(R"({"a": 5, "l": [{"n": "x", "v": 5}]})");
  const auto fields = [&](const char* now) {
    std::vector<std::string> out;
    for (const cause& c : schema_faults(*schema, parsed(now), &old)) out.push_back(c.field);
    return out;
  };
  EXPECT_THAT(fields(R"({"a": 5, "l": [{"n": "x", "v": 5}]})"), IsEmpty());
  EXPECT_THAT(fields(R"({"a": 6, "l": [{"n": "y", "v": 1}, {"n": "x", "v": 5}]})"),
              ElementsAre("a"));
  EXPECT_THAT(fields(R"({"a": 5, "l": [{"n": "y", "v": 7}]})"), ElementsAre("l[0].v"));
}

TEST(CustomSchema, KnowsFormats) {
  const std::tuple<const char*, const char*, bool> table[] = {
      {"date", "2024-02-29", true},
      {"date", "2024-02-30", false},
      {"date-time", "2024-01-01T00:00:00Z", true},
      {"date-time", "2024-01-01 00:00", false},
      {"duration", "1h30m", true},
      {"duration", "soon", false},
      {"byte", "YQ==", true},
      {"byte", "?", false},
      {"uuid", "123e4567-e89b-12d3-a456-426614174000", true},
      {"uuid4", "123e4567-e89b-12d3-a456-426614174000", false},
      {"ipv4", "10.0.0.1", true},
      {"ipv4", "::1", false},
      {"ipv6", "::1", true},
      {"cidr", "10.0.0.0/8", true},
      {"cidr", "10.0.0.0", false},
      {"uri", "https://a.b/c", true},
      {"email", "a@b.c", true},
      {"email", "a", false},
      {"hostname", "a.b", true},
      {"hostname", "a_b", false},
      {"nobody-knows", "anything", true}};
  for (const auto& [format, text, valid] : table)
    EXPECT_EQ(has_format(text, format), valid) << format << " " << text;
}

TEST(CustomSchema, AppliedConfigurationsAreTyped) {
  const auto schema = read_schema(parsed(
      R"({"type": "object", "properties": {"spec": {"type": "object", "properties": {
          "n": {"type": "integer"},
          "s": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
          "m": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
                "items": {"type": "object", "properties": {"k": {"type": "string"}}}}}}}})"));
  const std::pair<const char*, const char*> table[] = {
      {R"({"spec": {"n": 1, "s": ["a"], "m": [{"k": "x"}]}})", ""},
      {R"({"spec": {"x": 1}})", ".spec.x: field not declared in schema"},
      {R"({"metadata": {"name": "a", "x": 1}})", ".metadata.x: field not declared in schema"},
      {R"({"spec": {"n": "1"}})", ".spec.n: expected numeric (int or float), got string"},
      {R"({"spec": {"s": ["a", "a"]}})", ".spec.s: duplicate entries for key [=\"a\"]"},
      {R"({"spec": {"m": [{}]}})",
       ".spec.m: element 0: associative list with keys has an element that omits key field \"k\" "
       "(and doesn't have default value)"}};
  for (const auto& [configuration, fault] : table)
    EXPECT_EQ(apply_faults(*schema, parsed(configuration)), fault) << configuration;
}

TEST(CustomSchema, EmbeddedObjectsAreObjects) {
  const auto schema = read_schema(parsed(
      R"({"type": "object", "properties": {"list": {"type": "array", "items": {
          "type": "object", "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true}}}})"));
  auto document = parsed(R"({"list": [{"apiVersion": "v1", "kind": "A", "x": 1,
      "metadata": {"name": "a", "extra": 1, "labels": {}}}]})");
  std::vector<std::string> unknown;
  EXPECT_EQ(decode_embedded(*schema, document, unknown), "");
  EXPECT_THAT(unknown, ElementsAre("unknown field \"list[0].metadata.extra\""));
  EXPECT_EQ(document["list"][0]["metadata"], parsed(R"({"name": "a"})"));
  EXPECT_EQ(document["list"][0]["x"], 1);
  EXPECT_TRUE(embedded_faults(*schema, document).empty());
  document = parsed(R"({"list": [{"apiVersion": 1}]})");
  EXPECT_EQ(decode_embedded(*schema, document, unknown),
            "list[0].apiVersion: Invalid value: 1: must be a string");
  document = parsed(R"({"list": [{"kind": "a b", "metadata": {"name": "a/b"}}]})");
  std::vector<std::string> fields;
  for (const cause& c : embedded_faults(*schema, document)) fields.push_back(c.field);
  EXPECT_THAT(fields, ElementsAre("list[0].apiVersion", "list[0].kind", "list[0].metadata.name"));
}

}  // namespace
}  // namespace troupe::model
