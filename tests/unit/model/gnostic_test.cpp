// floors: model
#include "model/openapi/gnostic.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <map>
#include <vector>

namespace troupe::model {
namespace {

using testing::ElementsAre;

/// The length-delimited fields of that number in a message.
std::vector<std::string> fields(std::string_view message, std::uint64_t wanted) {
  std::vector<std::string> out;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(message.front());
      message.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (!message.empty()) {
    const auto tag = varint();
    if ((tag & 7) == 1) {
      message.remove_prefix(8);
      continue;
    }
    const auto size = varint();
    if ((tag & 7) == 0) continue;
    if (tag >> 3 == wanted) out.emplace_back(message.substr(0, size));
    message.remove_prefix(size);
  }
  return out;
}

/// The one field at a path of numbers.
std::string at_path(std::string message, std::initializer_list<std::uint64_t> path) {
  for (const auto number : path) {
    const auto found = fields(message, number);
    EXPECT_EQ(found.size(), 1u) << number;
    if (found.empty()) return {};
    message = found.front();
  }
  return message;
}

// The numbers are those of gnostic's OpenAPIv2.proto.
TEST(Gnostic, WritesSchemas) {
  const std::string document = gnostic_document(R"({"swagger": "2.0", "definitions": {"a.B": {
    "description": "d", "type": "object", "required": ["x", "y"],
    "x-kubernetes-map-type": "atomic",
    "properties": {
      "x": {"$ref": "#/definitions/a.C", "default": {}},
      "y": {"type": "array", "items": {"type": "string"}, "enum": ["p", "q"]},
      "x-z": {"type": "object", "additionalProperties": {"type": "integer", "format": "int32"}}}}}})");
  EXPECT_EQ(at_path(document, {1}), "2.0");
  const auto named = at_path(document, {9, 1});
  EXPECT_EQ(at_path(named, {1}), "a.B");
  const auto schema = at_path(named, {2});
  EXPECT_EQ(at_path(schema, {4}), "d");
  EXPECT_EQ(at_path(schema, {22, 1}), "object");
  EXPECT_THAT(fields(schema, 19), ElementsAre("x", "y"));
  EXPECT_EQ(at_path(schema, {31, 1}), "x-kubernetes-map-type");
  EXPECT_EQ(at_path(schema, {31, 2, 2}), "\"atomic\"\n");
  const auto properties = fields(at_path(schema, {25}), 1);
  ASSERT_EQ(properties.size(), 3u);
  EXPECT_EQ(at_path(properties[0], {1}), "x");
  EXPECT_EQ(at_path(properties[0], {2, 1}), "#/definitions/a.C");
  EXPECT_EQ(at_path(properties[0], {2, 5, 2}), "{}\n");
  // A property that looks like an extension is a property all the same.
  EXPECT_EQ(at_path(properties[1], {1}), "x-z");
  EXPECT_EQ(at_path(properties[1], {2, 21, 1, 2}), "int32");
  EXPECT_EQ(at_path(properties[2], {2, 23, 1, 22, 1}), "string");
  EXPECT_EQ(fields(at_path(properties[2], {2}), 20).size(), 2u);
}

TEST(Gnostic, WritesOperations) {
  const std::string document = gnostic_document(R"({"paths": {"/p/{name}": {
    "get": {"x-kubernetes-action": "get", "responses": {"200": {"description": "OK"}},
            "parameters": [{"name": "limit", "in": "query", "type": "integer"}]},
    "parameters": [{"name": "name", "in": "path", "required": true, "type": "string"}]}}})");
  const auto named = at_path(document, {8, 2});
  EXPECT_EQ(at_path(named, {1}), "/p/{name}");
  const auto get = at_path(named, {2, 2});
  EXPECT_EQ(at_path(get, {13, 1}), "x-kubernetes-action");
  EXPECT_EQ(at_path(get, {9, 1, 1}), "200");
  EXPECT_EQ(at_path(get, {9, 1, 2, 1, 1}), "OK");
  EXPECT_EQ(at_path(get, {8, 1, 2, 3, 4}), "limit");
  EXPECT_EQ(at_path(named, {2, 9, 1, 2, 4, 4}), "name");
}

// The numbers are those of gnostic's OpenAPIv3.proto.
TEST(Gnostic, WritesOpenApi3) {
  const std::string document = gnostic_document_3(R"({"openapi": "3.0.0",
    "info": {"title": "t", "version": "v"},
    "paths": {"/p/{name}": {"get": {"responses": {"200": {"description": "OK"}},
                                    "x-kubernetes-action": "get"},
      "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}]}},
    "components": {"schemas": {"a.B": {"type": "object", "required": ["x"], "nullable": true,
      "x-kubernetes-map-type": "atomic", "properties": {
        "r": {"default": {}, "allOf": [{"$ref": "#/components/schemas/a.C"}], "description": "d"},
        "l": {"type": "array", "items": {"$ref": "#/components/schemas/a.C"}, "maxItems": 300},
        "m": {"type": "object", "additionalProperties": {"type": "string"}},
        "n": {"type": "number", "maximum": 1.5, "default": 2, "format": "double"},
        "o": {"type": "object", "additionalProperties": true},
        "s": {"type": "string", "default": "x", "enum": ["x", "y"], "pattern": "^a"},
        "u": {"anyOf": [{"type": "integer"}, {"type": "string"}], "not": {"title": "t"}}}}}}})");
  EXPECT_EQ(at_path(document, {1}), "3.0.0");
  EXPECT_EQ(at_path(document, {2, 6}), "v");
  const auto path = at_path(document, {4, 1});
  EXPECT_EQ(at_path(path, {1}), "/p/{name}");
  EXPECT_EQ(at_path(path, {2, 4, 8, 2, 1}), "200");
  EXPECT_EQ(at_path(path, {2, 4, 8, 2, 2, 1, 1}), "OK");
  EXPECT_EQ(at_path(path, {2, 4, 13, 1}), "x-kubernetes-action");
  EXPECT_EQ(at_path(path, {2, 13, 1, 1}), "name");
  EXPECT_EQ(at_path(path, {2, 13, 1, 10, 1, 25}), "string");
  const auto named = at_path(document, {5, 1, 1});
  EXPECT_EQ(at_path(named, {1}), "a.B");
  const auto schema = at_path(named, {2, 1});
  EXPECT_EQ(at_path(schema, {25}), "object");
  EXPECT_EQ(at_path(schema, {23}), "x");
  EXPECT_EQ(at_path(schema, {36, 1}), "x-kubernetes-map-type");
  std::map<std::string, std::string> properties;
  for (const auto& p : fields(at_path(schema, {31}), 1))
    properties[at_path(p, {1})] = at_path(p, {2, 1});
  ASSERT_EQ(properties.size(), 7u);
  EXPECT_EQ(at_path(properties["r"], {26, 2, 1}), "#/components/schemas/a.C");
  EXPECT_EQ(at_path(properties["r"], {33}), "") << "a default that is no scalar";
  EXPECT_EQ(at_path(properties["r"], {34}), "d");
  EXPECT_EQ(at_path(properties["l"], {30, 1, 2, 1}), "#/components/schemas/a.C");
  EXPECT_EQ(at_path(properties["m"], {32, 1, 1, 25}), "string");
  EXPECT_EQ(at_path(properties["n"], {33}), std::string("\x09\0\0\0\0\0\0\0\x40", 9));
  EXPECT_EQ(at_path(properties["o"], {32}), "\x10\x01");
  EXPECT_EQ(at_path(properties["s"], {33, 3}), "x");
  EXPECT_EQ(fields(properties["s"], 24).size(), 2u);
  EXPECT_EQ(fields(properties["u"], 28).size(), 2u);
  EXPECT_EQ(at_path(properties["u"], {29, 9}), "t");
}

}  // namespace
}  // namespace troupe::model
