// floors: model
#include "model/selections.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct color {
  explicit color(const object& o) : text(string_at(o.parse(), {"color"})) {}
  bool operator==(const color&) const = default;
  std::string text;
};

object_ptr thing(const char* ns, const char* name, json labels, const char* color = "red") {
  json document = {{"color", color}};
  document["metadata"] = {{"name", name}, {"namespace", ns}, {"labels", std::move(labels)}};
  return seal(encode("pods", document), 1);
}

json match(const char* key, const char* value) {
  json out;
  out["matchLabels"][key] = value;
  return out;
}

class Selections : public testing::Test {
 protected:
  std::vector<std::string> names(const std::string& ns, const std::string& selector) const {
    std::vector<std::string> out;
    for (const auto* m : all.selected(ns, selector)) out.push_back(m->name);
    return out;
  }
  selections<color> all;
};

TEST_F(Selections, HoldWhatTheirSelectorsSelectInTheirNamespaceByName) {
  EXPECT_TRUE(all.set("d", "web", match("app", "web")));
  EXPECT_TRUE(all.set("e", "web", match("app", "web")));
  EXPECT_THAT(all.put(*thing("d", "b", {{"app", "web"}, {"x", "y"}})), ElementsAre("web"));
  EXPECT_THAT(all.put(*thing("d", "a", {{"app", "web"}})), ElementsAre("web"));
  EXPECT_THAT(all.put(*thing("d", "c", {{"app", "db"}})), IsEmpty());
  EXPECT_THAT(names("d", "web"), ElementsAre("a", "b"));
  EXPECT_THAT(names("e", "web"), IsEmpty());
}

TEST_F(Selections, ConcernTheSelectorsThatSelectedBeforeOrDoNow) {
  all.set("d", "web", match("app", "web"));
  all.set("d", "db", match("app", "db"));
  all.set("d", "all", json::object());
  const auto put = [&](json labels, const char* color = "red") {
    return all.put(*thing("d", "a", std::move(labels), color));
  };
  EXPECT_THAT(put({{"app", "web"}}), UnorderedElementsAre("web", "all"));
  EXPECT_THAT(put({{"app", "web"}}), IsEmpty());  // nothing changed
  EXPECT_THAT(put({{"app", "web"}}, "blue"), UnorderedElementsAre("web", "all"));
  EXPECT_THAT(put({{"app", "db"}}, "blue"), UnorderedElementsAre("web", "db"));
  EXPECT_EQ(all.selected("d", "db").front()->fact.text, "blue");
  EXPECT_THAT(names("d", "web"), IsEmpty());
  EXPECT_THAT(all.remove({"pods", "d", "a"}), UnorderedElementsAre("db", "all"));
  EXPECT_THAT(names("d", "all"), IsEmpty());
}

TEST_F(Selections, TakeEverySelector) {
  json expression;
  expression["matchExpressions"] =
      json::array({{{"key", "app"}, {"operator", "NotIn"}, {"values", json::array({"db"})}}});
  all.set("d", "others", expression);
  EXPECT_THAT(all.put(*thing("d", "a", {{"app", "web"}})), ElementsAre("others"));
  EXPECT_THAT(all.put(*thing("d", "b", {{"app", "db"}})), IsEmpty());
}

TEST_F(Selections, StartOverWithAnotherSelector) {
  all.set("d", "s", match("app", "web"));
  all.set("d", "t", match("app", "web"));
  all.put(*thing("d", "a", {{"app", "web"}}));
  EXPECT_FALSE(all.set("d", "s", match("app", "web")));
  EXPECT_THAT(names("d", "s"), ElementsAre("a"));
  EXPECT_TRUE(all.set("d", "s", match("app", "db")));
  EXPECT_THAT(names("d", "s"), IsEmpty());
  EXPECT_THAT(names("d", "t"), ElementsAre("a"));
  all.drop("d", "t");
  EXPECT_THAT(names("d", "t"), IsEmpty());
  EXPECT_THAT(all.put(*thing("d", "a", {{"app", "db"}})), ElementsAre("s"));
}

}  // namespace
}  // namespace troupe::model
