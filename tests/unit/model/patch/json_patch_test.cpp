// floors: model
#include "model/patch/patch.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

struct row {
  const char *name, *document, *patch, *result;  // result: JSON, or the status code
};

TEST(JsonPatch, Rfc6902Appendix) {
  const row table[] = {
      {"A.1", R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])",
       R"({"baz":"qux","foo":"bar"})"},
      {"A.2", R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])",
       R"({"foo":["bar","qux","baz"]})"},
      {"A.3", R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])",
       R"({"foo":"bar"})"},
      {"A.4", R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])",
       R"({"foo":["bar","baz"]})"},
      {"A.5", R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])",
       R"({"baz":"boo","foo":"bar"})"},
      {"A.6", R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
       R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
       R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
      {"A.7", R"({"foo":["all","grass","cows","eat"]})",
       R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
       R"({"foo":["all","cows","eat","grass"]})"},
      {"A.8", R"({"baz":"qux","foo":["a",2,"c"]})",
       R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])",
       R"({"baz":"qux","foo":["a",2,"c"]})"},
      {"A.9", R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])", "422"},
      {"A.10", R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
       R"({"child":{"grandchild":{}},"foo":"bar"})"},
      {"A.11", R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])",
       R"({"baz":"qux","foo":"bar"})"},
      {"A.12", R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])", "422"},
      {"A.13", R"({"foo":"bar"})", R"([{"op":"dance","path":"/baz"}])", "422"},
      {"A.14", R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])",
       R"({"/":9,"~1":10})"},
      {"A.15", R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":"10"}])", "422"},
      {"A.16", R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
       R"({"foo":["bar",["abc","def"]]})"}};
  for (const row& r : table) {
    const auto got = json_patch(json::parse(r.document), json::parse(r.patch));
    const json expected = json::parse(r.result);
    if (expected.is_number()) {
      ASSERT_TRUE(std::holds_alternative<status>(got)) << r.name;
      EXPECT_EQ(std::get<status>(got).code, expected.get<int>()) << r.name;
    } else {
      ASSERT_TRUE(std::holds_alternative<json>(got)) << r.name;
      EXPECT_EQ(std::get<json>(got), expected) << r.name;
    }
  }
}

TEST(JsonPatch, RefusesWhatIsMalformedOrMissing) {
  const std::pair<const char*, int> table[] = {
      {R"({"op":"add"})", 400},
      {R"([1])", 400},
      {R"([{"path":"/a","value":1}])", 422},
      {R"([{"op":"add","value":1}])", 422},
      {R"([{"op":"add","path":"a","value":1}])", 422},
      {R"([{"op":"add","path":"","value":{}}])", 422},
      {R"([{"op":"replace","path":"","value":1}])", 422},
      {R"([{"op":"move","path":"/a"}])", 422},
      {R"([{"op":"copy","from":"","path":"/b"}])", 422},
      {R"([{"op":"remove","path":"/none"}])", 422},
      {R"([{"op":"remove","path":""}])", 422},
      {R"([{"op":"replace","path":"/none/a","value":1}])", 422},
      {R"([{"op":"replace","path":"/list/2","value":1}])", 422},
      {R"([{"op":"copy","from":"/none/a","path":"/b"}])", 422},
      {R"([{"op":"move","from":"/none","path":"/b"}])", 422},
      {R"([{"op":"move","from":"/a","path":"/a/b"}])", 422},
      {R"([{"op":"add","path":"/list/9","value":1}])", 422},
      {R"([{"op":"add","path":"/list/-4","value":1}])", 422},
      {R"([{"op":"remove","path":"/list/-3"}])", 422},
      {R"([{"op":"remove","path":"/list/1x"}])", 422},
      {R"([{"op":"test","path":"/list/7","value":null}])", 422},
      {R"([{"op":"test","path":"/none/a","value":null}])", 422}};
  for (const auto& [patch, code] : table) {
    const auto got = json_patch(json::parse(R"({"a":{},"list":[1,2]})"), json::parse(patch));
    ASSERT_TRUE(std::holds_alternative<status>(got)) << patch;
    EXPECT_EQ(std::get<status>(got).code, code) << patch;
  }
}

TEST(JsonPatch, NegativeIndexesCountFromTheEndAndMissingMembersAreNull) {
  const row table[] = {
      {"remove", R"([1,2,3])", R"([{"op":"remove","path":"/-1"}])", R"([1,2])"},
      {"replace", R"([1,2,3])", R"([{"op":"replace","path":"/-3","value":0}])", R"([0,2,3])"},
      {"add", R"([1,2])", R"([{"op":"add","path":"/-1","value":3}])", R"([1,2,3])"},
      {"test", R"({"a":1})", R"([{"op":"test","path":"/b","value":null}])", R"({"a":1})"},
      {"replace what is not there", R"({"a":{}})",
       R"([{"op":"replace","path":"/a/b","value":{"c":1}}])", R"({"a":{"b":{"c":1}}})"},
      {"copy what is not there", R"({"a":1})", R"([{"op":"copy","from":"/b","path":"/a"}])",
       R"({"a":null})"},
      {"add no value", R"({"a":1})", R"([{"op":"add","path":"/a"}])", R"({"a":null})"},
      {"an escape that does not exist", "{}", R"([{"op":"add","path":"/~2~","value":1}])",
       R"({"~2~":1})"}};
  for (const row& r : table) {
    const auto got = json_patch(json::parse(r.document), json::parse(r.patch));
    ASSERT_TRUE(std::holds_alternative<json>(got)) << r.name;
    EXPECT_EQ(std::get<json>(got), json::parse(r.result)) << r.name;
  }
}

TEST(JsonPatch, SaysOfAFailedOperationWhatKubernetesSays) {
  const auto got = json_patch(json::parse(R"({"a":1})"),
                              json::parse(R"([{"op":"test","path":"/a","value":2}])"));
  const status& s = std::get<status>(got);
  EXPECT_EQ(s.reason, "Invalid");
  EXPECT_EQ(s.message, "the server rejected our request due to an error in our request");
  EXPECT_TRUE(s.causes.empty());
  EXPECT_EQ(std::get<status>(json_patch(json::object(), json::object())).message,
            "json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  EXPECT_EQ(std::get<status>(json_patch(json::object(), json::array({true}))).message,
            "json: cannot unmarshal bool into Go value of type jsonpatch.Operation");
}

TEST(JsonPatch, HasLimits) {
  json many = json::array();
  for (int i = 0; i < 10'001; ++i) many.push_back({{"op", "test"}, {"path", ""}, {"value", 1}});
  EXPECT_EQ(std::get<status>(json_patch(json(1), many)).code, 413);

  // Each copy doubles the document.
  json doubling = json::array();
  for (int i = 0; i < 60; ++i)
    doubling.push_back({{"op", "copy"}, {"from", ""}, {"path", "/" + std::to_string(i)}});
  EXPECT_EQ(std::get<status>(json_patch(json::object(), doubling)).code, 422);

  json nesting = json::array();
  for (int i = 0; i < 200; ++i) nesting.push_back({{"op", "copy"}, {"from", "/a"}, {"path", "/b"}});
  for (auto& op : nesting) op["path"] = "/a/a";
  EXPECT_EQ(std::get<status>(json_patch(json::parse(R"({"a":{"a":{}}})"), nesting)).code, 422);
}

TEST(MergePatch, Rfc7396Appendix) {
  const char* table[][3] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", "null", "null"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {"[1,2]", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}};
  for (const auto& [document, patch, result] : table)
    EXPECT_EQ(std::get<json>(merge_patch(json::parse(document), json::parse(patch))),
              json::parse(result))
        << patch;
}

}  // namespace
}  // namespace troupe::model
