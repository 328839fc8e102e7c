// floors: model
#include "model/openapi/gnostic.hpp"

#include <gmock/gmock.h>

#include <cstdint>
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

}  // namespace
}  // namespace troupe::model
