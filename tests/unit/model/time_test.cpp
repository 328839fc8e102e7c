// floors: model
#include "model/time.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using namespace std::chrono_literals;

TEST(Time, FormatsAndParsesRfc3339) {
  const auto t = from_rfc3339("2024-02-29T23:59:58.25+01:30");
  ASSERT_TRUE(t);
  EXPECT_EQ(to_rfc3339(*t), "2024-02-29T22:29:58Z");
  EXPECT_EQ(to_rfc3339_micro(*t), "2024-02-29T22:29:58.250000Z");
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* bad :
       {"", "2024-02-30T00:00:00Z", "2024-02-29", "2024-02-29T00:00:00", "2024-02-29T00:00:00.Z",
        "2024-02-29T24:00:00Z", "2024-02-29T00:00:00Zx", "2024-02-29 00:00:00Z"})
    EXPECT_FALSE(from_rfc3339(bad)) << bad;
}

TEST(Time, AgesReadAsKubectlPrintsThem) {
  const std::pair<std::chrono::seconds, const char*> table[] = {{0s, "0s"},
                                                                {119s, "119s"},
                                                                {120s, "2m"},
                                                                {330s, "5m30s"},
                                                                {11min, "11m"},
                                                                {179min, "179m"},
                                                                {3h, "3h"},
                                                                {7h + 5min, "7h5m"},
                                                                {26h, "26h"},
                                                                {50h, "2d2h"},
                                                                {24h * 9, "9d"},
                                                                {24h * 800, "2y70d"},
                                                                {24h * 365 * 9, "9y"},
                                                                {-5s, "<invalid>"}};
  for (const auto& [d, text] : table) EXPECT_EQ(human_duration(d), text);
}

}  // namespace
}  // namespace troupe::model
