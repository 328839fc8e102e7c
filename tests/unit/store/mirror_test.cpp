// floors: actors/store
#include "actors/store/mirror.hpp"

#include "actors/store/mirror_feed.hpp"
#include "messages/system_config.hpp"
#include "model/random.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using store::cache;
using store::object_ptr;
using kind = store::event::kind;

object_ptr make(std::string resource, std::string name, uint64_t version, std::size_t size = 2) {
  model::object_header h;
  h.key = {std::move(resource), "d", std::move(name)};
  h.version = version;
  return std::make_shared<const model::object>(std::move(h), std::string(size, ' '));
}

// A cache that somebody writes to.
struct written_cache {
  std::shared_ptr<cache> c;
  uint64_t version = 0;
  explicit written_cache(std::size_t window = 16384) : c(std::make_shared<cache>(window)) {}

  void put(const std::string& resource, const std::string& name, std::size_t size = 2) {
    const auto before = c->get({resource, "d", name});
    c->apply(
        {{before ? kind::modified : kind::added, make(resource, name, ++version, size), before}});
  }
  void remove(const std::string& resource, const std::string& name) {
    if (auto before = c->get({resource, "d", name}))
      c->apply({{kind::deleted, make(resource, name, ++version), before}});
  }
};

void expect_equal(const cache& got, const cache& wanted, const std::string& resource) {
  const auto a = got.list(resource).objects;
  const auto b = wanted.list(resource).objects;
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i]->version(), b[i]->version());
}

TEST(MirrorFeed, SendsASnapshotInBoundedPartsAndThenChanges) {
  written_cache w;
  for (int i = 0; i < 10; ++i) w.put("pods", "p" + std::to_string(i), 100u << 10);
  w.put("secrets", "not wanted");
  mirror_feed feed(w.c, {"pods"}, 7, 0);
  cache copy;
  mirror_fill fill(copy);
  int parts = 0;
  while (auto part = feed.next(false)) {
    EXPECT_LE(part->objects.size(), 2u);
    fill.take(*part);
    ++parts;
  }
  EXPECT_EQ(parts, 5);
  expect_equal(copy, *w.c, "pods");
  EXPECT_EQ(copy.count(""), 10u);
  EXPECT_EQ(copy.version(), w.version);
  w.put("pods", "p1");
  w.remove("pods", "p2");
  fill.take(*feed.next(false));
  expect_equal(copy, *w.c, "pods");
  const auto events = copy.events("pods", w.version - 2);
  ASSERT_EQ(events.events.size(), 2u);
  EXPECT_TRUE(events.events[0].previous) << "a mirror knows what was before";
  EXPECT_FALSE(feed.next(false));
}

TEST(MirrorFeed, TellsTheVersionOfOthersCommitsWhenIdle) {
  written_cache w;
  mirror_feed feed(w.c, {"pods"}, 7, 0);
  cache copy;
  mirror_fill fill(copy);
  fill.take(*feed.next(false));
  w.put("secrets", "a");
  EXPECT_FALSE(feed.next(false));
  fill.take(*feed.next(true));
  EXPECT_EQ(copy.version(), 1u);
  EXPECT_FALSE(feed.next(true));
}

TEST(MirrorFeed, StartsOverWhenTheMirrorIsTooSlow) {
  written_cache w(8);
  w.put("pods", "a");
  mirror_feed feed(w.c, {"pods"}, 7, 0);
  cache copy;
  mirror_fill fill(copy);
  fill.take(*feed.next(false));
  for (int i = 0; i < 100; ++i) w.put("pods", "p" + std::to_string(i % 10));
  const auto part = feed.next(false);
  EXPECT_EQ(part->stage, mirror_stage::snapshot_whole);
  fill.take(*part);
  expect_equal(copy, *w.c, "pods");
}

TEST(MirrorFeed, ConvergesHoweverWritesAndReadsInterleave) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    model::random_source dice(seed);
    written_cache w(32);
    mirror_feed feed(w.c, {"nodes", "pods"}, 7, 0);
    cache copy;
    mirror_fill fill(copy);
    for (int step = 0; step < 300; ++step) {
      const std::string resource = dice.below(3) == 0 ? "nodes" : "pods";
      const std::string name(1, static_cast<char>('a' + dice.below(8)));
      if (dice.below(4) == 0)
        w.remove(resource, name);
      else
        w.put(resource, name, 1 + dice.below(200u << 10));
      if (dice.below(3) == 0)
        if (auto part = feed.next(false)) fill.take(*part);
    }
    while (auto part = feed.next(true)) fill.take(*part);
    EXPECT_EQ(copy.version(), w.version);
    expect_equal(copy, *w.c, "pods");
    expect_equal(copy, *w.c, "nodes");
  }
}

struct deterministic_config : system_config {
  deterministic_config() { set("scheduler.policy", caf::atom("testing")); }
};

class Mirror : public ::testing::Test {
 protected:
  void TearDown() override {
    caf::anon_send_exit(mirror, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
    mirror = nullptr;
    source = nullptr;
    sched.run();
    sched.advance_time(1s);
    sched.run();
  }
  void start() {
    source = spawn_mirror_source(sys, w.c, 77);
    mirror_options o;
    o.cache = copy;
    o.resources = {"pods"};
    o.health = health;
    o.lost = [this] { ++lost; };
    mirror = spawn_mirror(sys, o);
    caf::anon_send(mirror, subscribe_atom::value, source);
    sched.run();
  }

  deterministic_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  written_cache w;
  std::shared_ptr<cache> copy = std::make_shared<cache>();
  std::shared_ptr<mirror_health> health = std::make_shared<mirror_health>();
  mirror_source source;
  mirror_actor mirror;
  int lost = 0;
};

TEST_F(Mirror, FollowsItsSource) {
  w.put("pods", "a");
  start();
  EXPECT_TRUE(health->filled);
  for (int i = 0; i < 100; ++i) {
    w.put("pods", "p" + std::to_string(i), 100u << 10);
    if (i % 7 == 0) sched.run();
  }
  sched.run();
  expect_equal(*copy, *w.c, "pods");
}

TEST_F(Mirror, DoesNotPushAnotherOutOfTheSource) {
  source = spawn_mirror_source(sys, w.c, 77);
  auto second_copy = std::make_shared<cache>();
  std::vector<mirror_actor> both;
  for (const auto& each : {copy, second_copy}) {
    mirror_options o;
    o.cache = each;
    o.resources = {"pods"};
    both.push_back(spawn_mirror(sys, std::move(o)));
    caf::anon_send(both.back(), subscribe_atom::value, source);
    sched.run();
  }
  w.put("pods", "a");
  sched.run();
  expect_equal(*copy, *w.c, "pods");
  expect_equal(*second_copy, *w.c, "pods");
  for (auto& m : both) caf::anon_send_exit(m, caf::exit_reason::kill);
  sched.run();
}

TEST_F(Mirror, HearsOfTheVersionInTime) {
  start();
  w.put("secrets", "s");
  sched.run();
  sched.advance_time(250ms);
  sched.run();
  EXPECT_EQ(copy->version(), 1u);
}

TEST_F(Mirror, TellsItsOwnerWhenTheSourceIsDownAndGoesOnWithAnother) {
  start();
  caf::anon_send_exit(source, caf::exit_reason::kill);
  sched.run();
  EXPECT_EQ(lost, 1);
  EXPECT_FALSE(health->attached);
  w.put("pods", "a");
  source = spawn_mirror_source(sys, w.c, 78);
  caf::anon_send(mirror, subscribe_atom::value, source);
  sched.run();
  EXPECT_TRUE(health->attached);
  expect_equal(*copy, *w.c, "pods");
}

TEST_F(Mirror, ASinkThatGrantsNothingGetsNoMoreThanItsCredit) {
  source = spawn_mirror_source(sys, w.c, 77);
  mirror = spawn_mirror(sys, {copy, {"pods"}, health, {}, 1});
  int got = 0;
  mirror_sink mute = sys.spawn([&](mirror_sink::pointer) -> mirror_sink::behavior_type {
    return {[&](mirror_atom, uint64_t, const mirror_part&) { ++got; }};
  });
  caf::anon_send(source, subscribe_atom::value, uint64_t{5}, mirror_wish{{"pods"}, 0, 0, 3}, mute);
  for (int i = 0; i < 20; ++i) {
    w.put("pods", "p");
    sched.run();
  }
  EXPECT_EQ(got, 3);
  caf::anon_send(source, credit_atom::value, uint64_t{5}, uint32_t{1});
  sched.run();
  EXPECT_EQ(got, 4);
  caf::anon_send_exit(mute, caf::exit_reason::kill);
}

}  // namespace
}  // namespace troupe
