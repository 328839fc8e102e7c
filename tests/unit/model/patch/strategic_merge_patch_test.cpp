// floors: model
#include "model/patch/patch.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

field_info scalar(std::string_view name) {
  return {.name = name};
}

const type_info& item_type() {
  static const type_info type{"item",
                              "",
                              false,
                              {scalar("name"),
                               {.name = "tags",
                                .kind = field_kind::array,
                                .item = field_kind::string,
                                .list = list_type::set,
                                .merge = true},
                               scalar("value")}};
  return type;
}

const type_info& root_type() {
  static const type_info type{
      "root",
      "",
      false,
      {{.name = "args", .kind = field_kind::array},
       {.name = "finalizers", .kind = field_kind::array, .item = field_kind::string, .merge = true},
       {.name = "items",
        .kind = field_kind::array,
        .item = field_kind::object,
        .type = &item_type(),
        .list = list_type::map,
        .map_keys = {"name"},
        .merge = true},
       {.name = "labels", .kind = field_kind::string_map},
       {.name = "plain",
        .kind = field_kind::array,
        .item = field_kind::object,
        .type = &item_type()},
       {.name = "replaced", .kind = field_kind::object, .type = &item_type(), .replace = true},
       {.name = "strategy",
        .kind = field_kind::object,
        .type = &item_type(),
        .retain_keys = true}}};
  return type;
}

patched apply(const char* document, const char* patch) {
  return strategic_merge_patch(json::parse(document), json::parse(patch), root_type());
}

struct row {
  const char *name, *document, *patch, *result;
};

TEST(StrategicMergePatch, MergesByTheTypesRules) {
  const row table[] = {
      {"maps merge, null deletes", R"({"labels":{"a":"1","b":"2"}})",
       R"({"labels":{"b":null,"c":"3","d":null}})", R"({"labels":{"a":"1","c":"3"}})"},
      {"a list without strategy is replaced", R"({"args":["a","b"]})", R"({"args":["c"]})",
       R"({"args":["c"]})"},
      {"objects without strategy are replaced", R"({"plain":[{"name":"a"},{"name":"b"}]})",
       R"({"plain":[{"name":"b","value":"2"}]})", R"({"plain":[{"name":"b","value":"2"}]})"},
      {"keyed items merge", R"({"items":[{"name":"a","value":"1"},{"name":"b","value":"2"}]})",
       R"({"items":[{"name":"b","value":"3"}]})",
       R"({"items":[{"name":"a","value":"1"},{"name":"b","value":"3"}]})"},
      {"new keyed items come first, as Kubernetes orders them", R"({"items":[{"name":"a"}]})",
       R"({"items":[{"name":"c","value":null}]})", R"({"items":[{"name":"c"},{"name":"a"}]})"},
      {"$patch delete of an item", R"({"items":[{"name":"a"},{"name":"b"}]})",
       R"({"items":[{"$patch":"delete","name":"a"}]})", R"({"items":[{"name":"b"}]})"},
      {"$patch replace of a list", R"({"items":[{"name":"a"},{"name":"b"}]})",
       R"({"items":[{"$patch":"replace"},{"name":"c"}]})", R"({"items":[{"name":"c"}]})"},
      {"an item with $patch replace only says so", R"({"items":[{"name":"a"},{"name":"b"}]})",
       R"({"items":[{"$patch":"replace","name":"z"},{"name":"c"}]})",
       R"({"items":[{"name":"c"}]})"},
      {"$patch replace wins over delete", R"({"items":[{"name":"a"},{"name":"b"}]})",
       R"({"items":[{"$patch":"delete","name":"b"},{"$patch":"replace"}]})", R"({"items":[]})"},
      {"$patch replace of a map", R"({"labels":{"a":"1"}})",
       R"({"labels":{"$patch":"replace","b":"2"}})", R"({"labels":{"b":"2"}})"},
      {"$patch delete of a map", R"({"labels":{"a":"1"}})", R"({"labels":{"$patch":"delete"}})",
       R"({"labels":{}})"},
      {"primitives merge as a set", R"({"finalizers":["a","b"]})", R"({"finalizers":["b","c"]})",
       R"({"finalizers":["a","b","c"]})"},
      {"$deleteFromPrimitiveList", R"({"finalizers":["a","b","c"]})",
       R"({"$deleteFromPrimitiveList/finalizers":["b","z"]})", R"({"finalizers":["a","c"]})"},
      {"$setElementOrder alone", R"({"items":[{"name":"a"},{"name":"b"},{"name":"c"}]})",
       R"({"$setElementOrder/items":[{"name":"c"},{"name":"a"}]})",
       R"({"items":[{"name":"b"},{"name":"c"},{"name":"a"}]})"},
      {"$setElementOrder with changes",
       R"({"items":[{"name":"1"},{"name":"server"},{"name":"2"}]})",
       R"({"$setElementOrder/items":[{"name":"1"},{"name":"2"},{"name":"3"}],
           "items":[{"name":"3","value":"x"}]})",
       R"({"items":[{"name":"1"},{"name":"server"},{"name":"2"},{"name":"3","value":"x"}]})"},
      {"$setElementOrder of primitives", R"({"finalizers":["a","b"]})",
       R"({"$setElementOrder/finalizers":["b","a"]})", R"({"finalizers":["b","a"]})"},
      {"$setElementOrder with an item that comes and one that goes",
       R"({"items":[{"name":"a"},{"name":"b"},{"name":"c"}]})",
       R"({"$setElementOrder/items":[{"name":"c"},{"name":"d"},{"name":"a"}],
           "items":[{"name":"d"},{"$patch":"delete","name":"b"}]})",
       R"({"items":[{"name":"c"},{"name":"d"},{"name":"a"}]})"},
      {"all directives of primitives at once", R"({"finalizers":["a","b","c"]})",
       R"({"$deleteFromPrimitiveList/finalizers":["b"],
           "$setElementOrder/finalizers":["c","d","a"],"finalizers":["d"]})",
       R"({"finalizers":["c","d","a"]})"},
      {"an empty list adds nothing to a merging list and empties another",
       R"({"items":[{"name":"a"}],"args":["a"]})", R"({"items":[],"args":[]})",
       R"({"items":[{"name":"a"}],"args":[]})"},
      {"a nested item is deleted", R"({"items":[{"name":"a","tags":["x","y"]}]})",
       R"({"items":[{"name":"a","$deleteFromPrimitiveList/tags":["x"]}]})",
       R"({"items":[{"name":"a","tags":["y"]}]})"},
      {"$patch replace of an item's map", R"({"strategy":{"name":"a","value":"1"}})",
       R"({"strategy":{"$patch":"replace","name":"b"}})", R"({"strategy":{"name":"b"}})"},
      {"$retainKeys", R"({"strategy":{"name":"a","value":"1"}})",
       R"({"strategy":{"$retainKeys":["name"],"name":"b"}})", R"({"strategy":{"name":"b"}})"},
      {"directives in new values vanish", R"({})",
       R"({"items":[{"name":"a","$patch":"delete"},{"name":"b"}],
           "strategy":{"$retainKeys":["name"],"name":"x","value":null}})",
       R"({"items":[{"name":"b"}],"strategy":{"name":"x"}})"},
      {"nested sets", R"({"items":[{"name":"a","tags":["x"]}]})",
       R"({"items":[{"name":"a","tags":["y"],"$setElementOrder/tags":["x","y"]}]})",
       R"({"items":[{"name":"a","tags":["x","y"]}]})"},
      {"a type change replaces", R"({"labels":"odd"})", R"({"labels":{"a":"1"}})",
       R"({"labels":{"a":"1"}})"},
      {"patch strategy replace", R"({"replaced":{"name":"a"}})", R"({"replaced":{"value":"1"}})",
       R"({"replaced":{"value":"1"}})"},
      {"null deletes a list", R"({"items":[{"name":"a"}]})", R"({"items":null})", R"({})"}};
  for (const row& r : table) {
    const auto got = apply(r.document, r.patch);
    ASSERT_TRUE(std::holds_alternative<json>(got))
        << r.name << ": " << std::get<status>(got).message;
    EXPECT_EQ(std::get<json>(got), json::parse(r.result)) << r.name;
  }
}

TEST(StrategicMergePatch, RefusesMalformedPatches) {
  const struct {
    const char *patch, *message;
    int code;
  } table[] = {
      {R"([])", "invalid JSON document", 400},
      {R"({"labels":{"$patch":"explode"}})",
       "unknown patch type: explode in map: map[$patch:explode]", 500},
      {R"({"labels":{"$patch":"merge","a":"1"}})",
       "unknown patch type: merge in map: map[$patch:merge a:1]", 500},
      {R"({"items":[{"$patch":"merge","name":"a"}]})",
       "merging lists cannot yet be specified in the patch", 500},
      {R"({"items":[{"$patch":"explode","name":"a"}]})",
       "unknown patch type: explode in map: map[$patch:explode name:a]", 500},
      {R"({"items":[{"value":"x"}]})",
       "map: map[value:x] does not contain declared merge key: name", 500},
      {R"({"items":["x"]})", "list element types are not identical: [[map[name:a]] [x]]", 500},
      {R"({"items":[["x"]]})", "the server rejected our request due to an error in our request",
       422},
      {R"({"$deleteFromPrimitiveList/finalizers":"a"})", "invalid patch format of primitive list",
       400},
      {R"({"$retainKeys":["labels"],"args":[]})", "invalid patch format of retainKeys", 400},
      {R"({"$retainKeys":"labels"})", "invalid patch format of retainKeys", 400},
      {R"({"$setElementOrder/items":"a"})", "expected a []interface {}, but received a string",
       500},
      {R"({"$setElementOrder/items":[{"name":"a"}],"items":[{"name":"b"}]})",
       "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder "
       "list:\n[map[name:a]]\n",
       500},
      {R"({"$setElementOrder/items":[{"name":"b"},{"name":"c"}],"items":[{"name":"c"},{"name":"b"}]})",
       "The order in patch list:\n[map[name:c] map[name:b]]\n doesn't match $setElementOrder "
       "list:\n[map[name:b] map[name:c]]\n",
       500}};
  for (const auto& r : table) {
    const auto got = apply(R"({"items":[{"name":"a"}],"labels":{}})", r.patch);
    ASSERT_TRUE(std::holds_alternative<status>(got)) << r.patch;
    EXPECT_EQ(std::get<status>(got).code, r.code) << r.patch;
    EXPECT_EQ(std::get<status>(got).message, r.message) << r.patch;
  }
}

TEST(ThreeWayPatch, SaysOnlyWhatChanged) {
  struct {
    const char *name, *original, *modified, *current, *patch;
  } table[] = {
      {"nothing", R"({"labels":{"a":"1"}})", R"({"labels":{"a":"1"}})",
       R"({"labels":{"a":"1","server":"x"},"items":[{"name":"s"}]})", "{}"},
      {"a changed and a removed field", R"({"labels":{"a":"1","b":"1"}})",
       R"({"labels":{"a":"2"}})", R"({"labels":{"a":"1","b":"1","c":"1"}})",
       R"({"labels":{"a":"2","b":null}})"},
      {"removed already", R"({"labels":{"a":"1"}})", R"({})", R"({})", "{}"},
      {"a list without strategy", R"({})", R"({"args":["a"]})", R"({"args":["b"]})",
       R"({"args":["a"]})"},
      {"keyed items", R"({"items":[{"name":"a","value":"1"},{"name":"old"}]})",
       R"({"items":[{"name":"a","value":"2"},{"name":"new"}]})",
       R"({"items":[{"name":"a","value":"1","tags":["t"]},{"name":"old"},{"name":"server"}]})",
       R"({"$setElementOrder/items":[{"name":"a"},{"name":"new"}],
           "items":[{"name":"a","value":"2"},{"name":"new"},{"$patch":"delete","name":"old"}]})"},
      {"primitives", R"({"finalizers":["a","b"]})", R"({"finalizers":["a","c"]})",
       R"({"finalizers":["a","b","s"]})",
       R"({"$deleteFromPrimitiveList/finalizers":["b"],"$setElementOrder/finalizers":["a","c"],
           "finalizers":["c"]})"},
      {"retain keys", R"({"strategy":{"name":"a"}})", R"({"strategy":{"value":"1"}})",
       R"({"strategy":{"name":"a"}})",
       R"({"strategy":{"$retainKeys":["value"],"name":null,"value":"1"}})"}};
  for (const auto& r : table) {
    const json patch = three_way_strategic_patch(json::parse(r.original), json::parse(r.modified),
                                                 json::parse(r.current), root_type());
    EXPECT_EQ(patch, json::parse(r.patch)) << r.name;
    // Applied once, nothing is left to do.
    const auto after = strategic_merge_patch(json::parse(r.current), patch, root_type());
    ASSERT_TRUE(std::holds_alternative<json>(after)) << r.name;
    EXPECT_EQ(three_way_strategic_patch(json::parse(r.modified), json::parse(r.modified),
                                        std::get<json>(after), root_type()),
              json::object())
        << r.name;
  }
}

}  // namespace
}  // namespace troupe::model
