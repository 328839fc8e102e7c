// floors: actors/store
#include "actors/store/store_core.hpp"

#include "model/random.hpp"
#include "store/memory_journal.hpp"

#include <gtest/gtest.h>

#include <map>

namespace troupe {
namespace {

using store::journal_error;
using phase = store_core::phase;

model::draft pod(const std::string& name, const std::string& note = "", const char* uid = "u1") {
  return model::encode("pods", {{"apiVersion", "v1"},
                                {"kind", "Pod"},
                                {"metadata", {{"namespace", "d"}, {"name", name}, {"uid", uid}}},
                                {"status", {{"message", note}}}});
}

write create(const std::string& name) {
  return {write_op::create, "pods", "d", name, pod(name), caf::none, ""};
}
write update(const std::string& name, const std::string& note,
             caf::optional<uint64_t> if_version = caf::none, std::string if_uid = "") {
  return {write_op::update, "pods", "d", name, pod(name, note), if_version, if_uid};
}
write removal(const std::string& name, caf::optional<uint64_t> if_version = caf::none,
              std::string if_uid = "") {
  return {write_op::remove, "pods", "d", name, {}, if_version, if_uid};
}

struct StoreCore : ::testing::Test {
  StoreCore() { core.loaded({1, 10, {}, {}}); }

  int submit(write w) {
    const auto no = core.submit(w);
    return no ? no->code : 0;
  }
  store_core::objects commit() {
    const auto batch = core.next_batch();
    return batch ? core.committed() : store_core::objects{};
  }

  store::cache cache;
  store_core core{cache, store_limits{}};
};

TEST_F(StoreCore, GivesVersionsInTheOrderOfSubmission) {
  EXPECT_EQ(submit(create("a")), 0);
  EXPECT_EQ(submit(create("b")), 0);
  EXPECT_EQ(cache.count("pods"), 0u) << "shown before it is on disk";
  const auto done = commit();
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0]->version(), 11u);
  EXPECT_EQ(done[1]->version(), 12u);
  EXPECT_EQ(cache.get(done[0]->key()), done[0]);
  EXPECT_NE(done[1]->bytes().find("\"resourceVersion\":\"12\""), std::string::npos);
}

TEST_F(StoreCore, JudgesAgainstWhatIsOnItsWay) {
  EXPECT_EQ(submit(create("a")), 0);
  EXPECT_EQ(submit(create("a")), 409);
  EXPECT_EQ(submit(update("a", "x", uint64_t{11})), 0);
  EXPECT_EQ(submit(update("a", "y", uint64_t{11})), 409) << "version 12 is on its way";
  EXPECT_EQ(submit(removal("a", caf::none, "other")), 409);
  EXPECT_EQ(submit(removal("a", caf::none, "u1")), 0);
  EXPECT_EQ(submit(removal("a")), 404);
  EXPECT_EQ(submit(update("a", "z")), 404);
  EXPECT_EQ(submit(create("a")), 0);
  const auto done = commit();
  ASSERT_EQ(done.size(), 4u);
  EXPECT_EQ(done[2]->version(), 13u);
  EXPECT_NE(done[2]->bytes().find("\"x\""), std::string::npos) << "the last state";
  EXPECT_EQ(cache.get(done[3]->key())->version(), 14u);
}

TEST_F(StoreCore, OneBatchIsUnderWayAtATime) {
  submit(create("a"));
  const auto first = core.next_batch();
  ASSERT_TRUE(first);
  submit(create("b"));
  submit(create("c"));
  EXPECT_FALSE(core.next_batch());
  EXPECT_EQ(core.committed().size(), 1u);
  EXPECT_EQ(core.next_batch()->size(), 2u);
}

TEST_F(StoreCore, AnUpdateThatChangesNothingCommitsNothingButWaitsItsTurn) {
  submit(create("a"));
  submit(update("a", ""));
  auto done = commit();
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[1], done[0]);
  submit(update("a", ""));
  EXPECT_TRUE(core.next_batch()->empty());
  EXPECT_EQ(core.committed()[0], done[0]);
  EXPECT_EQ(core.version(), 11u);
}

TEST_F(StoreCore, RefusesWhatItCannotHold) {
  auto large = create("a");
  large.object = pod("a", std::string((3u << 19) + 1, 'x'));
  EXPECT_EQ(submit(large), 413);
  auto wrong = create("a");
  wrong.name = "b";
  EXPECT_EQ(submit(wrong), 400);
  EXPECT_EQ(submit({write_op::create, "pods", "d", "a", {}, caf::none, ""}), 400);
  store_limits few;
  few.queue_writes = 2;
  store_core small(cache, few);
  small.loaded({1, 10, {}, {}});
  for (const int expected : {0, 0, 429}) {
    auto w = create("n" + std::to_string(small.queued()));
    const auto no = small.submit(w);
    EXPECT_EQ(no ? no->code : 0, expected);
    if (no) {
      EXPECT_TRUE(no->retry_after);
    }
  }
}

TEST_F(StoreCore, LargeQueuesGoOutInBoundedBatches) {
  store_limits limits;
  limits.batch_writes = 3;
  store_core c(cache, limits);
  c.loaded({1, 10, {}, {}});
  for (int i = 0; i < 7; ++i) {
    auto w = create("n" + std::to_string(i));
    c.submit(w);
  }
  for (const std::size_t expected : {3, 3, 1}) {
    EXPECT_EQ(c.next_batch()->size(), expected);
    c.committed();
  }
}

TEST_F(StoreCore, WhatTheJournalRefusedNeverWas) {
  submit(create("kept"));
  commit();
  submit(create("a"));
  ASSERT_TRUE(core.next_batch());
  submit(update("a", "x"));
  EXPECT_EQ(core.refused({journal_error::out_of_memory, "OOM"}).code, 429);
  EXPECT_EQ(submit(update("a", "y")), 404);
  EXPECT_EQ(submit(create("a")), 0);
  EXPECT_EQ(commit().size(), 1u);
  EXPECT_EQ(cache.count("pods"), 2u);
}

TEST_F(StoreCore, WaitsForRecoveryWhenTheFateIsUnknown) {
  submit(create("a"));
  const auto batch = core.next_batch();
  submit(create("b"));
  EXPECT_EQ(core.lost({journal_error::unreachable, "gone"}).code, 503);
  EXPECT_EQ(submit(create("c")), 503);
  core.recovered(*batch);
  EXPECT_EQ(submit(create("a")), 409) << "it had been committed after all";
  EXPECT_EQ(submit(create("b")), 0);
  commit();
  EXPECT_EQ(core.version(), 12u);
}

TEST_F(StoreCore, TakesNothingOnceFenced) {
  submit(create("a"));
  core.next_batch();
  EXPECT_EQ(core.fenced().code, 410);
  EXPECT_EQ(submit(create("b")), 410);
  EXPECT_EQ(cache.count("pods"), 0u);
}

TEST(StoreCoreLoading, AnswersThatItLoads) {
  store::cache cache;
  store_core core(cache, {});
  auto w = create("a");
  EXPECT_EQ(core.submit(w)->code, 503);
}

// A journal that refuses, dies before and dies after committing, by the dice.
TEST(StoreCoreUnderFaults, WhatWasAcknowledgedIsThereAndTheCacheEqualsTheDisk) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    model::random_source dice(seed);
    store::memory_journal journal;
    store::cache cache(64);
    store_core core(cache, {});
    store::journal_state state;
    ASSERT_TRUE(journal.open(state).ok());
    core.loaded(std::move(state));
    std::map<std::string, std::uint64_t> acknowledged;  // name -> version, 0: removed
    std::map<std::string, std::uint64_t> tried;         // newest version that may have happened
    std::uint64_t last = 0;
    for (int step = 0; step < 60; ++step) {
      for (auto n = dice.below(6); n > 0; --n) {
        const auto name = std::string(1, static_cast<char>('a' + dice.below(5)));
        write w;
        switch (dice.below(3)) {
          case 0:
            w = create(name);
            break;
          case 1:
            w = update(name, std::to_string(step));
            break;
          default:
            w = removal(name);
        }
        core.submit(w);
      }
      const auto batch = core.next_batch();
      if (!batch) continue;
      for (const auto& e : *batch) {
        EXPECT_GT(e.version(), last);
        tried[e.object->key().name] = e.version();
      }
      const auto fate = dice.below(5);
      if (fate >= 2 && !batch->empty()) {
        ASSERT_TRUE(journal.append(*batch).ok());
      }
      if (fate == 0) {
        core.refused({journal_error::read_only, ""});
      } else if (fate == 1 || fate == 2) {
        core.lost({journal_error::timeout, ""});
        std::vector<store::event> missed;
        ASSERT_TRUE(journal.recover(core.version(), missed).ok());
        core.recovered(missed);
      } else {
        for (const auto& o : core.committed()) last = std::max(last, o->version());
        for (const auto& e : *batch)
          acknowledged[e.object->key().name] =
              e.type == store::event::kind::deleted ? 0 : e.version();
      }
      last = std::max(last, core.version());
    }
    store::memory_journal& disk = journal;
    store::journal_state end;
    ASSERT_TRUE(disk.open(end).ok());
    ASSERT_EQ(end.objects.size(), cache.count("pods"));
    for (const auto& o : end.objects) EXPECT_EQ(cache.get(o->key())->version(), o->version());
    for (const auto& [name, version] : acknowledged) {
      const auto now = cache.get({"pods", "d", name});
      if (version != 0 && tried[name] == version) {
        ASSERT_TRUE(now) << "seed " << seed;
        EXPECT_EQ(now->version(), version);
      }
    }
  }
}

model::draft service(const std::string& name, const char* ip, int node_port) {
  return model::encode(
      "services",
      {{"apiVersion", "v1"},
       {"kind", "Service"},
       {"metadata", {{"namespace", "d"}, {"name", name}, {"uid", "u1"}}},
       {"spec", {{"clusterIPs", {ip}}, {"ports", {{{"port", 80}, {"nodePort", node_port}}}}}}});
}
write service_write(write_op op, const std::string& name, const char* ip = "", int port = 0) {
  write w{op, "services", "d", name, {}, caf::none, ""};
  if (op != write_op::remove) w.object = service(name, ip, port);
  return w;
}

TEST_F(StoreCore, AnAddressAndANodePortBelongToOneService) {
  EXPECT_EQ(submit(service_write(write_op::create, "a", "10.96.0.1", 30001)), 0);
  EXPECT_EQ(submit(service_write(write_op::create, "b", "10.96.0.1", 30002)), 409);
  EXPECT_EQ(submit(service_write(write_op::create, "b", "10.96.0.2", 30001)), 409);
  EXPECT_EQ(submit(service_write(write_op::create, "b", "10.96.0.2", 30002)), 0);
  EXPECT_EQ(submit(service_write(write_op::update, "b", "10.96.0.1", 30002)), 409);
  EXPECT_EQ(submit(service_write(write_op::update, "a", "10.96.0.1", 30003)), 0) << "its own";
  EXPECT_EQ(submit(service_write(write_op::remove, "a")), 0);
  EXPECT_EQ(submit(service_write(write_op::create, "c", "10.96.0.1", 30001)), 0)
      << "free again before the batch is on disk";
}

TEST_F(StoreCore, WhatTheJournalDidNotTakeIsFreeAgain) {
  EXPECT_EQ(submit(service_write(write_op::create, "a", "10.96.0.1", 30001)), 0);
  ASSERT_NE(core.next_batch(), nullptr);
  core.refused({journal_error::out_of_memory, "full"});
  EXPECT_EQ(submit(service_write(write_op::create, "b", "10.96.0.1", 30001)), 0);
}

}  // namespace
}  // namespace troupe
