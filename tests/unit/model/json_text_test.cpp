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

}  // namespace
}  // namespace troupe::model
