// floors: model
#include "model/utf8.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(Utf8, IsWhatJsonTakes) {
  for (const char* good : {"", "plain", "ä", "€", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad : {"\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xff"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

}  // namespace
}  // namespace troupe::model
