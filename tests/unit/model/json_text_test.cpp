// floors: model
#include "model/json_text.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(JsonText, FindsAMemberWithoutParsingTheRest) {
  const std::pair<const char*, const char*> table[] = {{"a", R"({"b":[1,{"c":"}"}]})"},
                                                       {"d", R"("x\\\"y,")"},
                                                       {"e", "-1.5"},
                                                       {"f", "null"},
                                                       {"aa", ""},
                                                       {"g", ""}};
  const std::string_view text = R"({"a":{"b":[1,{"c":"}"}]},"d":"x\\\"y,","e":-1.5,"f":null})";
  for (const auto& [key, value] : table) EXPECT_EQ(member_text(text, key), value) << key;
  EXPECT_EQ(member_text("{}", "a"), "");
  EXPECT_EQ(member_text("", "a"), "");
}

TEST(JsonText, AQuoteAfterBackslashesEndsAStringWhenTheyArePaired) {
  EXPECT_EQ(member_text(R"({"a":"\\\\","b":1})", "b"), "1");
  EXPECT_EQ(member_text(R"({"a":"\\\"","b":2})", "b"), "2");
  EXPECT_EQ(end_of_string(R"("")", 0), 2u);
}

TEST(JsonText, ParsesTheMembersThatAreNamed) {
  EXPECT_EQ(member_values(R"({"a":[1],"b":{"x":"y"},"c":null})", {"b", "c", "d"}),
            json::parse(R"({"b":{"x":"y"},"c":null})"));
  EXPECT_EQ(member_values("", {"b"}), json::object());
  EXPECT_EQ(member_values("[1]", {"b"}), json::object());
}

TEST(JsonText, TellsWhetherATextMentionsAName) {
  const std::string_view text = R"({"a":"b","volumes":[{"ephemeral":{}}]})";
  EXPECT_TRUE(mentions(text, "\"ephemeral\""));
  EXPECT_FALSE(mentions(text, "\"ephemera\""));
  EXPECT_FALSE(mentions("", "\"a\""));
  EXPECT_FALSE(mentions({}, "\"a\"")) << "nor what has no text at all";
}

}  // namespace
}  // namespace troupe::model
