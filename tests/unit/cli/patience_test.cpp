// floors: cli
#include "cli/bench/patience.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace troupe::cli::bench {
namespace {

using namespace std::chrono_literals;

struct Patience : testing::Test {
  boost::asio::io_context io;
  std::size_t done = 0, asked = 0, given_up = 0;
  patience waiting{io, 5ms,
                   [this] {
                     ++asked;
                     return done;
                   },
                   [this] { ++given_up; }};

  void run(std::chrono::milliseconds time = 200ms) {
    io.restart();
    io.run_for(time);  // returns at once when nothing is waited for any more
  }
};

TEST_F(Patience, EndsWhenNothingGoesOn) {
  run();
  EXPECT_EQ(asked, 0u) << "nobody has asked for it";
  waiting.start();
  run();
  EXPECT_EQ(given_up, 1u);
  EXPECT_TRUE(io.stopped()) << "it gives up once";
}

TEST_F(Patience, LastsWhileSomethingGoesOn) {
  boost::asio::steady_timer worker(io);
  std::function<void(int)> work = [&](int left) {
    ++done;
    worker.expires_after(1ms);
    if (left > 0) worker.async_wait([&, left](auto) { work(left - 1); });
  };
  waiting.start();
  work(50);
  while (done < 51) io.run_one();
  EXPECT_EQ(given_up, 0u);
  EXPECT_GT(asked, 2u);
  run();
  EXPECT_EQ(given_up, 1u);
}

// What is waited for next, as until all pods have been tried, may take longer.
TEST_F(Patience, MeansNothingOnceItIsStopped) {
  waiting.start();
  waiting.stop();
  run();
  EXPECT_EQ(given_up, 0u);
  waiting.start();
  waiting.stop();
  waiting.start();
  run();
  EXPECT_EQ(given_up, 1u) << "of the second time alone";
}

// Stopped when its time has just come: what was posted for it comes too late.
TEST_F(Patience, IsNotHeldToWhatHadExpired) {
  waiting.start();
  boost::asio::steady_timer(io, 20ms).wait();
  boost::asio::post(io, [&] { waiting.stop(); });
  run();
  EXPECT_EQ(given_up, 0u);
}

}  // namespace
}  // namespace troupe::cli::bench
