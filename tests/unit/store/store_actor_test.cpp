// floors: actors/store
#include "actors/store/store.hpp"
#include "messages/errors.hpp"
#include "messages/system_config.hpp"
#include "store/memory_journal.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using store::journal_error;
using store::journal_result;

// A memory journal whose next answers can be bent.
struct bent_journal : store::memory_journal {
  using memory_journal::memory_journal;
  std::vector<journal_result> opens, appends, recovers;  // taken from the back
  bool commit_all_the_same = false;
  std::vector<std::size_t> batches;

  static bool bend(std::vector<journal_result>& next, journal_result& out) {
    if (next.empty()) return false;
    out = next.back();
    next.pop_back();
    return true;
  }
  journal_result open(store::journal_state& out) override {
    journal_result bad;
    return bend(opens, bad) ? bad : memory_journal::open(out);
  }
  journal_result append(const std::vector<store::event>& batch) override {
    batches.push_back(batch.size());
    journal_result bad;
    if (!bend(appends, bad)) return memory_journal::append(batch);
    if (commit_all_the_same) memory_journal::append(batch);
    return bad;
  }
  journal_result recover(std::uint64_t since, std::vector<store::event>& out) override {
    journal_result bad;
    return bend(recovers, bad) ? bad : memory_journal::recover(since, out);
  }
};

struct deterministic_config : system_config {
  deterministic_config() { set("scheduler.policy", caf::atom("testing")); }
};

class StoreActor : public ::testing::Test {
 protected:
  void start() {
    store_options o;
    o.journal = journal;
    o.cache = cache;
    o.health = health;
    o.detached = false;
    o.stepped_down = [this] { ++stepped_down; };
    store = spawn_store(sys, o);
  }

  void TearDown() override {
    caf::anon_send_exit(store, caf::exit_reason::user_shutdown);
    store = nullptr;
    sched.run();
  }

  write create(const std::string& name) {
    return {write_op::create,
            "pods",
            "d",
            name,
            model::encode("pods", {{"metadata", {{"namespace", "d"}, {"name", name}}}}),
            caf::none,
            ""};
  }

  // Sends now; the code is 0 while there is no answer, 200 for success.
  std::shared_ptr<int> send(write w) {
    auto code = std::make_shared<int>(0);
    sys.spawn([this, code, w](caf::event_based_actor* self) {
      self->request(store, caf::infinite, write_atom::value, w)
          .then([code](const object_ref&) { *code = 200; },
                [code](const caf::error& e) { *code = to_status(e).code; });
    });
    return code;
  }

  deterministic_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  std::shared_ptr<bent_journal> journal = std::make_shared<bent_journal>();
  std::shared_ptr<store::cache> cache = std::make_shared<store::cache>();
  std::shared_ptr<store_health> health = std::make_shared<store_health>();
  store_actor store;
  int stepped_down = 0;
};

TEST_F(StoreActor, ARefusalWaitsForTheWriteItRestsOn) {
  start();
  sched.run();
  journal->appends = {{journal_error::out_of_memory, "full"}};
  const auto first = send(create("a")), second = send(create("a"));
  sched.run();
  // The first was not taken, so that "already exists" would have been a lie.
  EXPECT_EQ(*first, 429);
  EXPECT_EQ(*second, 429);
  const auto third = send(create("a")), fourth = send(create("a"));
  sched.run();
  EXPECT_EQ(*third, 200);
  EXPECT_EQ(*fourth, 409);
}

TEST_F(StoreActor, AnswersWhenTheCacheShowsIt) {
  start();
  sched.run();
  EXPECT_TRUE(health->ready());
  const auto code = send(create("a"));
  sched.run();
  EXPECT_EQ(*code, 200);
  EXPECT_TRUE(cache->get({"pods", "d", "a"}));
}

TEST_F(StoreActor, WritesThatWaitTogetherShareABatch) {
  start();
  sched.run();
  std::vector<std::shared_ptr<int>> codes;
  for (int i = 0; i < 50; ++i) codes.push_back(send(create("n" + std::to_string(i))));
  sched.run();
  for (const auto& c : codes) EXPECT_EQ(*c, 200);
  EXPECT_LE(journal->batches.size(), 2u);
}

TEST_F(StoreActor, AMessageOfSeveralWritesIsJudgedOneByOne) {
  start();
  sched.run();
  std::vector<object_ref> objects;
  std::vector<std::string> errors;
  sys.spawn([&](caf::event_based_actor* self) {
    self->request(store, caf::infinite, write_atom::value,
                  std::vector<write>{create("a"), create("a"), create("b")})
        .then([&](std::vector<object_ref>& o, std::vector<std::string>& e) {
          objects = o;
          errors = e;
        });
  });
  sched.run();
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_TRUE(objects[0] && !objects[1] && objects[2]);
  EXPECT_TRUE(errors[0].empty() && errors[2].empty());
  EXPECT_EQ(model::status_from_text(errors[1]).code, 409);
}

TEST_F(StoreActor, OpensTheJournalUntilThatWorksAndAnswersTheVersionOnlyThen) {
  journal->opens = {{journal_error::unreachable, "gone"}, {journal_error::read_only, "replica"}};
  start();
  std::uint64_t version = 99;
  sys.spawn([&](caf::event_based_actor* self) {
    self->request(store, caf::infinite, version_atom::value).then([&](uint64_t v) { version = v; });
  });
  const auto early = send(create("a"));
  sched.run();
  EXPECT_EQ(*early, 503);
  EXPECT_EQ(version, 99u);
  EXPECT_FALSE(health->ready());
  for (int i = 0; i < 2; ++i) {
    sched.advance_time(5s);
    sched.run();
  }
  EXPECT_EQ(version, 0u);
  EXPECT_TRUE(health->ready());
}

TEST_F(StoreActor, RecoversWhatWasCommittedAfterAll) {
  start();
  sched.run();
  journal->appends = {{journal_error::timeout, "slow"}};
  journal->recovers = {{journal_error::unreachable, "gone"}};
  journal->commit_all_the_same = true;
  const auto unknown = send(create("a"));
  sched.run();
  EXPECT_EQ(*unknown, 503);
  EXPECT_FALSE(health->ready());
  const auto meanwhile = send(create("b"));
  sched.run();
  EXPECT_EQ(*meanwhile, 503);
  EXPECT_FALSE(cache->get({"pods", "d", "a"}));
  sched.advance_time(5s);
  sched.run();
  EXPECT_TRUE(cache->get({"pods", "d", "a"}));
  EXPECT_TRUE(health->ready());
  const auto again = send(create("a"));
  sched.run();
  EXPECT_EQ(*again, 409);
}

TEST_F(StoreActor, AFullJournalCostsOnlyTheWritesThatMetIt) {
  start();
  sched.run();
  journal->appends = {{journal_error::out_of_memory, "OOM"}};
  const auto failed = send(create("a"));
  sched.run();
  EXPECT_EQ(*failed, 429);
  const auto next = send(create("a"));
  sched.run();
  EXPECT_EQ(*next, 200);
}

TEST_F(StoreActor, StepsDownOnceWhenFenced) {
  auto disk = std::make_shared<store::memory_disk>();
  journal = std::make_shared<bent_journal>(disk);
  start();
  sched.run();
  store::memory_journal successor(disk);
  store::journal_state state;
  ASSERT_TRUE(successor.open(state).ok());
  const auto late = send(create("a"));
  sched.run();
  EXPECT_EQ(*late, 410);
  EXPECT_EQ(stepped_down, 1);
  EXPECT_FALSE(health->ready());
  EXPECT_TRUE(disk->objects.empty());
  const auto later = send(create("b"));
  sched.run();
  EXPECT_EQ(*later, 410);
}

TEST_F(StoreActor, WhatItOwesAtItsEndIsAnswered) {
  start();
  sched.run();
  const auto code = send(create("a"));
  sched.run_once();  // the requester sends
  sched.run_once();  // the store takes it; the journal does not run
  caf::anon_send_exit(store, caf::exit_reason::user_shutdown);
  sched.run();
  EXPECT_NE(*code, 0);
}

}  // namespace
}  // namespace troupe
