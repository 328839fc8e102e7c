// floors: store
#include "tests/integration/store/redis_fixture.hpp"

#include <csignal>
#include <thread>
#include <unistd.h>

namespace troupe::store {
namespace {

using kind = event::kind;
using namespace std::chrono_literals;

class RedisJournal : public RedisTest {};

TEST_F(RedisJournal, GivesBackWhatWasAppended) {
  const auto a1 = make_pod("a", 1);
  const auto a3 = make_pod("a", 3);
  const auto b2 = make_pod("b", 2);
  {
    redis_journal j(options());
    journal_state s;
    ASSERT_TRUE(j.open(s).ok());
    EXPECT_EQ(s.epoch, 1u);
    EXPECT_EQ(s.version, 0u);
    ASSERT_TRUE(j.append({{kind::added, a1, nullptr}, {kind::added, b2, nullptr}}).ok());
    // In one batch an object is removed and made again: the order counts.
    ASSERT_TRUE(j.append({{kind::modified, a3, a1},
                          {kind::deleted, model::with_version(*b2, 4), b2},
                          {kind::added, make_pod("b", 5), nullptr},
                          {kind::deleted, make_pod("b", 6), make_pod("b", 5)}})
                    .ok());
  }
  redis_journal j(options());
  journal_state s;
  ASSERT_TRUE(j.open(s).ok());
  EXPECT_EQ(s.epoch, 2u);
  EXPECT_EQ(s.version, 6u);
  ASSERT_EQ(s.objects.size(), 1u);
  EXPECT_EQ(s.objects[0]->bytes(), a3->bytes());
  ASSERT_EQ(s.recent.size(), 6u);
  EXPECT_EQ(s.recent[2].object->bytes(), a3->bytes());
  EXPECT_EQ(s.recent[2].previous->bytes(), a1->bytes());
  EXPECT_EQ(s.recent[3].type, kind::deleted);
}

TEST_F(RedisJournal, RefusesAnOlderWriterForEver) {
  redis_journal first(options());
  redis_journal second(options());
  journal_state s;
  ASSERT_TRUE(first.open(s).ok());
  ASSERT_TRUE(first.append({{kind::added, make_pod("a", 1), nullptr}}).ok());
  ASSERT_TRUE(second.open(s).ok());
  EXPECT_EQ(first.append({{kind::added, make_pod("late", 2), nullptr}}).error,
            journal_error::fenced);
  EXPECT_EQ(first.append({{kind::added, make_pod("later", 2), nullptr}}).error,
            journal_error::fenced);
  std::vector<event> events;
  EXPECT_EQ(first.recover(0, events).error, journal_error::fenced);
  EXPECT_TRUE(second.append({{kind::added, make_pod("b", 2), nullptr}}).ok());
  journal_state now;
  ASSERT_TRUE(redis_journal(options()).open(now).ok());
  EXPECT_EQ(now.objects.size(), 2u);
  EXPECT_EQ(now.version, 2u);
}

TEST_F(RedisJournal, TwoSeeEachOtherOnlyUnderOnePrefix) {
  auto other = options();
  other.prefix = "other:";
  redis_journal a(options());
  redis_journal b(other);
  journal_state s;
  ASSERT_TRUE(a.open(s).ok());
  ASSERT_TRUE(b.open(s).ok());
  EXPECT_TRUE(a.append({{kind::added, make_pod("a", 1), nullptr}}).ok());
  EXPECT_TRUE(b.append({{kind::added, make_pod("a", 1), nullptr}}).ok());
}

TEST_F(RedisJournal, RecoversAfterRedisWasKilledWhatItHadCommitted) {
  redis_journal j(options());
  journal_state s;
  ASSERT_TRUE(j.open(s).ok());
  ASSERT_TRUE(j.append({{kind::added, make_pod("a", 1), nullptr}}).ok());
  ASSERT_TRUE(j.append({{kind::added, make_pod("b", 2), nullptr},
                        {kind::modified, make_pod("a", 3), make_pod("a", 1)}})
                  .ok());
  const int before = server->pid();
  ::kill(before, SIGKILL);
  EXPECT_TRUE(j.append({{kind::added, make_pod("c", 4), nullptr}}).unknown());
  std::vector<event> events;
  for (int i = 0; i < 500 && !j.recover(1, events).ok(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_NE(server->pid(), before);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].object->key().name, "b");
  EXPECT_EQ(events[1].previous->version(), 1u);
  EXPECT_TRUE(j.append({{kind::added, make_pod("c", 4), nullptr}}).ok());
}

TEST_F(RedisJournal, SaysSoWhenRedisIsOutOfMemoryAndTakesNothingOfTheBatch) {
  redis_journal j(options());
  journal_state s;
  ASSERT_TRUE(j.open(s).ok());
  ASSERT_TRUE(j.append({{kind::added, make_pod("a", 1), nullptr}}).ok());
  redis({"CONFIG", "SET", "maxmemory", "1"});
  const auto r = j.append({{kind::added, make_pod("b", 2), nullptr}});
  EXPECT_EQ(r.error, journal_error::out_of_memory) << r.message;
  EXPECT_EQ(redis({"HLEN", "troupe:o:pods"}), "1");
  redis({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(j.append({{kind::added, make_pod("b", 2), nullptr}}).ok());
}

TEST_F(RedisJournal, SaysSoWhenItIsAReadOnlyReplica) {
  redis_journal j(options());
  journal_state s;
  ASSERT_TRUE(j.open(s).ok());
  redis({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(j.append({{kind::added, make_pod("a", 1), nullptr}}).error, journal_error::read_only);
  EXPECT_EQ(redis_journal(options()).open(s).error, journal_error::read_only);
  redis({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(j.append({{kind::added, make_pod("a", 1), nullptr}}).ok());
}

TEST_F(RedisJournal, SaysSoWhenReplicasAreMissing) {
  auto o = options();
  o.replicas = 1;
  o.replica_timeout = 20ms;
  redis_journal j(o);
  journal_state s;
  ASSERT_TRUE(j.open(s).ok());
  const auto r = j.append({{kind::added, make_pod("a", 1), nullptr}});
  EXPECT_EQ(r.error, journal_error::timeout) << r.message;
}

TEST_F(RedisJournal, GivesUpOnAStoppedRedisInTime) {
  auto o = options();
  o.address.command_timeout = 100ms;
  redis_journal j(o);
  journal_state s;
  ASSERT_TRUE(j.open(s).ok());
  ::kill(server->pid(), SIGSTOP);
  EXPECT_EQ(j.append({{kind::added, make_pod("a", 1), nullptr}}).error, journal_error::timeout);
  ::kill(server->pid(), SIGCONT);
  std::vector<event> events;
  ASSERT_TRUE(j.recover(0, events).ok());
  EXPECT_EQ(events.size(), 1u);  // it had been sent, and was carried out when Redis went on
}

TEST_F(RedisJournal, KeepsTheLogToItsWindow) {
  auto o = options();
  o.log_window = 100;
  redis_journal j(o);
  journal_state s;
  ASSERT_TRUE(j.open(s).ok());
  for (std::uint64_t v = 1; v <= 600; ++v)
    ASSERT_TRUE(j.append({{v == 1 ? kind::added : kind::modified, make_pod("a", v),
                           v == 1 ? nullptr : make_pod("a", v - 1)}})
                    .ok());
  journal_state now;
  ASSERT_TRUE(redis_journal(o).open(now).ok());
  EXPECT_GE(now.recent.size(), 100u);
  EXPECT_LE(now.recent.size(), 400u);
  EXPECT_EQ(now.recent.back().version(), 600u);
}

TEST_F(RedisJournal, AValueThatIsNoObjectStopsTheStartAndIsNamed) {
  redis_journal j(options());
  journal_state s;
  ASSERT_TRUE(j.open(s).ok());
  ASSERT_TRUE(j.append({{kind::added, make_pod("a", 1), nullptr}}).ok());
  redis({"HSET", "troupe:o:pods", "d/broken", "{"});
  const auto r = redis_journal(options()).open(s);
  EXPECT_EQ(r.error, journal_error::refused);
  EXPECT_NE(r.message.find("pods/d/broken"), std::string::npos) << r.message;
}

}  // namespace
}  // namespace troupe::store
