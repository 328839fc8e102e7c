// floors: model
#include "model/base64.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(Base64, EncodesAndDecodesEveryLength) {
  const std::pair<std::string, const char*> cases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {std::string("\xff\xfe\x00", 3), "//4A"},
  };
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes) << text;
  }
  EXPECT_EQ(from_base64("Zm9v\r\nYmFy\n"), "foobar");
}

TEST(Base64, RefusesWhatIsNone) {
  for (const auto* bad :
       {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Z!==", "Zg==Zg==", "-_A="})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

}  // namespace
}  // namespace troupe::model
