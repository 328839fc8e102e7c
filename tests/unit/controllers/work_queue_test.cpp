// floors: actors/controllers
#include "actors/controllers/work_queue.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

const work_queue::time t0{};

TEST(WorkQueue, AKeyIsDueAtTheEarliestTimeAskedFor) {
  work_queue q(1);
  q.add("a", t0 + 5s);
  q.add("a", t0 + 2s);
  q.add("a", t0 + 9s);
  EXPECT_EQ(q.next_due(), t0 + 2s);
  EXPECT_FALSE(q.take(t0 + 1s));
  EXPECT_EQ(q.take(t0 + 2s), "a");
  EXPECT_FALSE(q.next_due());
}

TEST(WorkQueue, AKeyInWorkIsNotGivenOutTwiceButComesBack) {
  work_queue q(1);
  q.add("a", t0);
  ASSERT_TRUE(q.take(t0));
  q.add("a", t0);
  EXPECT_FALSE(q.take(t0 + 1s));
  q.finished("a");
  EXPECT_EQ(q.take(t0 + 1s), "a");
}

TEST(WorkQueue, FailuresWaitLongerEachTimeUpToALimit) {
  work_queue q(1);
  q.add("a", t0);
  auto now = t0;
  auto last = 0ns;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(q.take(now));
    q.failed("a", now);
    const auto pause = *q.next_due() - now;
    EXPECT_GE(pause, std::min<std::chrono::nanoseconds>(50ms * (1 << std::min(i, 12)), 60s));
    EXPECT_LE(pause, 90s);
    if (i < 8) {
      EXPECT_GT(pause, last * 3 / 4);
    }
    last = pause;
    now = *q.next_due();
  }
  ASSERT_TRUE(q.take(now));
  q.finished("a");
  q.add("a", now);
  ASSERT_TRUE(q.take(now));
  q.failed("a", now);
  EXPECT_LE(*q.next_due() - now, 75ms) << "a success forgives";
}

}  // namespace
}  // namespace troupe
