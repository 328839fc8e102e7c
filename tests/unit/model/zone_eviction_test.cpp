// floors: model
#include "model/zone_eviction.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using namespace std::chrono_literals;

TEST(ZoneEviction, GoesByHowMuchIsDown) {
  using zones = std::map<std::string, zone_count>;
  const struct {
    zones all;
    double rate;  // of zone "a"
  } cases[] = {{{{"a", {9, 1}}}, 0.1},
               {{{"a", {1, 2}}}, 0.1},                 // two nodes are no disruption
               {{{"a", {2, 3}}}, 0},                   // 60 % of a small zone
               {{{"a", {3, 3}}}, 0.1},                 // 50 %
               {{{"a", {40, 60}}}, 0.01},              // of a large one
               {{{"a", {0, 1}}}, 0},                   // nothing is left
               {{{"a", {0, 5}}, {"b", {0, 1}}}, 0},    // anywhere
               {{{"a", {0, 5}}, {"b", {1, 0}}}, 0.1},  // elsewhere there is
               {{{"a", {9, 1}}, {"b", {0, 100}}}, 0.1},
               {{{"b", {1, 1}}}, 0}};
  for (std::size_t i = 0; i < std::size(cases); ++i)
    EXPECT_EQ(eviction_rate(cases[i].all, "a"), cases[i].rate) << "case " << i;
}

TEST(EvictionPace, GivesTurnsApart) {
  const time_point t{1000s};
  eviction_pace pace;
  EXPECT_FALSE(pace.take(0, t));
  EXPECT_TRUE(pace.take(0.1, t));
  EXPECT_FALSE(pace.take(0.1, t + 9s));
  EXPECT_EQ(pace.next(0.1, t + 9s), t + 10s);
  EXPECT_EQ(pace.next(0.01, t + 9s), t + 100s);
  EXPECT_FALSE(pace.next(0, t + 9s));
  EXPECT_TRUE(pace.take(0.1, t + 10s));
}

}  // namespace
}  // namespace troupe::model
