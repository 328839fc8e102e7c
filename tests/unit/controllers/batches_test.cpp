// floors: actors/controllers
#include "actors/controllers/batches.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <vector>

namespace troupe {
namespace {

using testing::ElementsAre;

// Holds the calls of a batch until they are answered.
class Batches : public testing::Test {
 protected:
  std::vector<std::pair<std::size_t, std::function<void(std::string)>>> open;
  std::optional<batch_result> result;

  batch_call call() {
    return [this](std::size_t i, std::function<void(std::string)> ended) {
      open.emplace_back(i, std::move(ended));
    };
  }
  auto done() {
    return [this](batch_result r) { result = std::move(r); };
  }
  std::size_t answer(const std::string& last = {}) {
    auto now = std::exchange(open, {});
    for (std::size_t i = 0; i < now.size(); ++i)
      now[i].second(i + 1 == now.size() ? last : std::string{});
    return now.size();
  }
};

TEST_F(Batches, GrowTwofold) {
  call_slow_start(20, call(), done());
  std::vector<std::size_t> sizes;
  while (!result) sizes.push_back(answer());
  EXPECT_THAT(sizes, ElementsAre(1, 2, 4, 8, 5));
  EXPECT_EQ(result->succeeded, 20u);
  EXPECT_EQ(result->failure, "");
}

TEST_F(Batches, StopAfterOneThatFailed) {
  call_slow_start(20, call(), done());
  answer();
  answer();
  EXPECT_EQ(open.front().first, 3u);
  answer("quota");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->succeeded, 6u);
  EXPECT_EQ(result->failure, "quota");
  EXPECT_TRUE(open.empty());
}

TEST_F(Batches, AllAtOnceTellsTheFirstFailure) {
  call_all(3, call(), done());
  ASSERT_EQ(open.size(), 3u);
  open[1].second("one");
  open[2].second("two");
  EXPECT_FALSE(result);
  open[0].second("");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->succeeded, 1u);
  EXPECT_EQ(result->failure, "one");
}

TEST_F(Batches, OfNothingEndAtOnce) {
  call_all(0, call(), done());
  EXPECT_TRUE(result);
  result.reset();
  call_slow_start(0, call(), done());
  EXPECT_TRUE(result);
}

}  // namespace
}  // namespace troupe
