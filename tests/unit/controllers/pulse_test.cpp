// floors: actors/controllers
#include "actors/controllers/pulse.hpp"

#include "messages/system_config.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct one_thread : system_config {
  one_thread() { set("scheduler.policy", caf::atom("testing")); }
};

struct Pulse : testing::Test {
  ~Pulse() override {
    caf::anon_send_exit(beat.heart(), caf::exit_reason::user_shutdown);
    sched.run();
  }

  pulse::time now() { return sched.clock().now(); }
  void after(std::chrono::milliseconds pause) {
    sched.run();
    sched.advance_time(pause);
    sched.run();
  }
  std::shared_ptr<pulse::seat> seat(int& woken) {
    return std::make_shared<pulse::seat>([&woken] { ++woken; });
  }

  one_thread config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  pulse beat{system};
};

TEST_F(Pulse, WakesAtOnceWhoHasNotLookedForAWhile) {
  int woken = 0;
  const auto s = seat(woken);
  s->looks(now());
  after(pulse::interval);
  beat.wake(s);
  EXPECT_EQ(woken, 1);
}

TEST_F(Pulse, WakesOnceUntilTheCacheIsLookedAt) {
  int woken = 0;
  const auto s = seat(woken);
  after(pulse::interval);
  for (int i = 0; i < 3; ++i) beat.wake(s);
  after(2 * pulse::interval);
  EXPECT_EQ(woken, 1);
  s->looks(now());
  after(pulse::interval);
  beat.wake(s);
  EXPECT_EQ(woken, 2);
}

TEST_F(Pulse, WakesWithTheNextBeatWhoHasJustLooked) {
  int a = 0, b = 0;
  const auto first = seat(a), second = seat(b);
  after(1s);
  first->looks(now());
  second->looks(now());
  after(1ms);
  beat.wake(first);
  beat.wake(second);
  beat.wake(first);
  after(pulse::interval - 1ms);
  EXPECT_EQ(a + b, 0);
  after(1ms);
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 1);
}

TEST_F(Pulse, BeatsAgainAfterABeat) {
  int woken = 0;
  const auto s = seat(woken);
  after(1s);
  for (int i = 1; i <= 3; ++i) {
    s->looks(now());
    beat.wake(s);
    after(pulse::interval);
    EXPECT_EQ(woken, i);
  }
}

// What a rule asks for itself does not wait, and the beat wakes nobody who has looked since.
TEST_F(Pulse, ASeatWakesItselfAtOnce) {
  int woken = 0;
  const auto s = seat(woken);
  after(1s);
  s->looks(now());
  beat.wake(s);
  EXPECT_EQ(woken, 0);
  s->wake();
  s->wake();
  EXPECT_EQ(woken, 1);
  s->looks(now());
  after(2 * pulse::interval);
  EXPECT_EQ(woken, 1);
}

// Also when it has looked between a change and the beat.
TEST_F(Pulse, WhatComesAfterALookIsNotForgotten) {
  int woken = 0;
  const auto s = seat(woken);
  after(1s);
  s->looks(now());
  beat.wake(s);
  s->looks(now());
  beat.wake(s);
  after(2 * pulse::interval);
  EXPECT_EQ(woken, 1);
}

}  // namespace
}  // namespace troupe
