// floors: model
#include "model/ip_address.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(IpAddress, ReadsAndWrites) {
  const std::pair<const char*, const char*> table[] = {{"10.0.0.1", "10.0.0.1"},
                                                       {"010.0.0.1", "10.0.0.1"},
                                                       {"::1", "::1"},
                                                       {"FD00:0::1", "fd00::1"},
                                                       {"::ffff:1.2.3.4", "1.2.3.4"}};
  for (const auto& [text, canonical] : table) {
    const auto address = parse_ip(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), canonical);
  }
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-4", "a.b.c.d", ":::"})
    EXPECT_FALSE(parse_ip(text)) << text;
}

TEST(IpAddress, RangesContainWhatSharesTheirPrefix) {
  struct range_case {
    const char* range;
    const char* address;
    bool contained;
  };
  constexpr range_case table[] = {
      {"10.96.0.0/12", "10.96.0.1", true},   {"10.96.0.0/12", "10.111.255.255", true},
      {"10.96.0.0/12", "10.112.0.0", false}, {"10.0.0.1/32", "10.0.0.1", true},
      {"10.0.0.1/32", "10.0.0.2", false},    {"0.0.0.0/0", "255.1.1.1", true},
      {"0.0.0.0/0", "::1", false},           {"fd00::/64", "fd00::1:2", true},
      {"fd00::/64", "fd00:0:0:1::1", false},
  };
  for (const auto& c : table) {
    const auto range = parse_cidr(c.range);
    ASSERT_TRUE(range) << c.range;
    EXPECT_EQ(range->contains(*parse_ip(c.address)), c.contained) << c.range << ' ' << c.address;
  }
  for (const char* text : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "/8", "fd00::/129"})
    EXPECT_FALSE(parse_cidr(text)) << text;
}

}  // namespace
}  // namespace troupe::model
