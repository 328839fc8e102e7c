// floors: model
#include "model/describe/explain.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

const json openapi = json::parse(R"({"components": {"schemas": {
  "io.example.v1.Thing": {
    "description": "A thing.", "type": "object", "required": ["size"],
    "properties": {
      "color": {"type": "string", "enum": ["a", "b", "c", "", "e"]},
      "labels": {"type": "object", "additionalProperties": {"type": "string"}},
      "parts": {"type": "array", "description": "What of.",
                "items": {"allOf": [{"$ref": "#/components/schemas/io.example.v1.Part"}]}},
      "size": {"type": "integer", "description": "How big."}},
    "x-kubernetes-group-version-kind": [{"group": "example.io", "version": "v1", "kind": "Thing"}]},
  "io.example.v1.Part": {
    "description": "A part.", "type": "object",
    "properties": {
      "within": {"$ref": "#/components/schemas/io.example.v1.Part"},
      "name": {"type": "string"}}}}}})");

std::string of(const std::vector<std::string>& path, bool recursive = false) {
  return explain(openapi, "example.io", "v1", "Thing", path, recursive).value_or("none");
}

TEST(Explain, ShowsTheFieldsOfAKind) {
  EXPECT_EQ(of({}),
            "GROUP:      example.io\nKIND:       Thing\nVERSION:    v1\n\n"
            "DESCRIPTION:\n    A thing.\n    \nFIELDS:\n"
            "  color\t<string>\n  enum: a, b, c, \"\", ....\n    <no description>\n\n"
            "  labels\t<map[string]string>\n    <no description>\n\n"
            "  parts\t<[]Part>\n    What of.\n\n"
            "  size\t<integer> -required-\n    How big.\n\n\n");
}

TEST(Explain, FollowsAPathThroughLists) {
  EXPECT_EQ(of({"parts", "name"}),
            "GROUP:      example.io\nKIND:       Thing\nVERSION:    v1\n\n"
            "FIELD: name <string>\n\n\nDESCRIPTION:\n    <empty>\n\n");
  EXPECT_NE(of({"parts"}).find("DESCRIPTION:\n    What of.\n    A part.\n"), std::string::npos);
  EXPECT_THROW(of({"nothing"}), std::invalid_argument);
}

TEST(Explain, ListsARecursiveStructOnce) {
  const auto text = of({}, true);
  EXPECT_NE(text.find("  parts\t<[]Part>\n    name\t<string>\n    within\t<Part>\n  size\t"),
            std::string::npos)
      << text;
}

TEST(Explain, KnowsNoOtherKinds) {
  EXPECT_EQ(explain(openapi, "", "v1", "Thing", {}, false), std::nullopt);
}

}  // namespace
}  // namespace troupe::model
