// floors: model
#include "model/members.hpp"

#include "model/object.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe::model {
namespace {

TEST(KeyOrder, IsTheOrderOfBytes) {
  std::mt19937 random(1);
  const auto text = [&] {
    std::string out(random() % 20, 'a');
    for (char& c : out)
      if (random() % 4 == 0) c = static_cast<char>(random() % 256);
    return out;
  };
  const key_order before;
  for (int i = 0; i < 20'000; ++i) {
    const std::string a = text(), b = random() % 8 ? text() : a + text();
    ASSERT_EQ(before(a, b), a < b) << a << " " << b;
    ASSERT_EQ(before(b, a), b < a) << a << " " << b;
  }
}

TEST(Members, AreEmptyWhereTheyAreMissingOrOfAnotherType) {
  const json o = {{"text", "a"}, {"list", {1}}, {"object", {{"k", 1}}}, {"n", 3}};
  EXPECT_EQ(text_of(o, "text"), "a");
  EXPECT_EQ(text_of(o, "list"), "");
  EXPECT_EQ(items_of(o, "list").size(), 1u);
  EXPECT_TRUE(items_of(o, "text").empty());
  EXPECT_EQ(members_of(o, "object").count("k"), 1u);
  EXPECT_TRUE(members_of(o, "none").empty());
  EXPECT_EQ(integer_of(o, "n"), 3);
  EXPECT_EQ(integer_of(o, "text", 7), 7);
  EXPECT_EQ(find_member(o, "none"), nullptr);
  EXPECT_EQ(find_member(json::array({1}), "none"), nullptr);
  EXPECT_TRUE(value_of("text", "none").is_null());
}

TEST(Members, AreMadeWhereTheyAreWritten) {
  json o;
  member_of(o, "b") = 1;
  member_of(o, "a") = 2;
  member_of(o, "b") = 3;
  EXPECT_EQ(o.dump(), R"({"a":2,"b":3})");
}

TEST(Discard, LeavesNothing) {
  json o = {{"list", {1, {{"deep", json::array({json::object()})}}, "text"}}, {"n", nullptr}};
  json copy = o;
  discard(std::move(copy));
  EXPECT_TRUE(copy.is_null());
  discard(std::move(o["list"]));
  EXPECT_EQ(o.dump(), R"({"list":null,"n":null})");
}

TEST(Encode, TakesManagedFieldsAsText) {
  const std::string fields = R"([{"manager":"m"}])";
  for (const char* metadata : {R"({})", R"({"annotations":{"z":"1"}})", R"({"name":"a"})",
                               R"({"labels":{},"name":"a","resourceVersion":"7","uid":"u"})"}) {
    const json without = {{"kind", "X"}, {"metadata", json::parse(metadata)}, {"spec", 1}};
    json with = without;
    with["metadata"]["managedFields"] = json::parse(fields);
    const object_ptr a = seal(encode("xs", without, fields), 9), b = seal(encode("xs", with), 9);
    EXPECT_EQ(a->bytes(), b->bytes());
    with["metadata"]["resourceVersion"] = "9";
    EXPECT_EQ(a->bytes(), with.dump());
  }
}

}  // namespace
}  // namespace troupe::model
