// floors: model
#include "model/media_type.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

std::string order(std::string_view accept) {
  std::string out;
  for (const auto& r : parse_accept(accept))
    out += (out.empty() ? "" : " ") + std::string(r.type) + "/" + std::string(r.subtype);
  return out;
}

TEST(MediaType, TheBestLikedComesFirst) {
  const std::pair<const char*, const char*> table[] = {
      {"", ""},
      {"application/json", "application/json"},
      {"a/b, c/d", "a/b c/d"},
      {"a/b;q=0.1,c/d;q=0.9", "c/d a/b"},
      {"*/*, a/*, a/b", "a/b a/* */*"},
      {"*", "*/*"},
      {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
       "text/html image/gif image/jpeg */* */*"},
      {",;/x,y/", ""}};
  for (const auto& [accept, expected] : table) EXPECT_EQ(order(accept), expected) << accept;
}

TEST(MediaType, ParametersAreKept) {
  const auto ranges = parse_accept("application/json;as=Table; v=v1 ;g=meta.k8s.io;q=0.5");
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0].parameter("as"), "Table");
  EXPECT_EQ(ranges[0].parameter("v"), "v1");
  EXPECT_EQ(ranges[0].parameter("g"), "meta.k8s.io");
  EXPECT_EQ(ranges[0].parameter("q"), "");
  EXPECT_DOUBLE_EQ(ranges[0].quality, 0.5);
}

TEST(MediaType, WildcardsMatch) {
  const auto matches = [](std::string_view accept, std::string_view type) {
    return parse_accept(accept).at(0).matches(type);
  };
  EXPECT_TRUE(matches("*/*", "application/json"));
  EXPECT_TRUE(matches("application/*", "application/yaml"));
  EXPECT_FALSE(matches("text/*", "application/yaml"));
  EXPECT_FALSE(matches("application/cbor", "application/json"));
}

TEST(MediaType, OfAContentType) {
  EXPECT_EQ(media_type_of("Application/JSON; charset=utf-8"), "application/json");
  EXPECT_EQ(media_type_of(""), "");
}

}  // namespace
}  // namespace troupe::model
