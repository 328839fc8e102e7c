// floors: store
#include "tests/integration/store/redis_fixture.hpp"

#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace troupe::store {
namespace {

using namespace std::chrono_literals;

class RedisServer : public RedisTest {};

bool gone(int pid) {
  return ::kill(pid, 0) != 0;
}

TEST_F(RedisServer, AnswersOnItsSocketOnlyAndSyncsAlways) {
  EXPECT_EQ(redis({"PING"}), "PONG");
  EXPECT_EQ(redis({"CONFIG", "GET", "port"}), "");
  EXPECT_NE(redis({"INFO", "server"}).find("tcp_port:0"), std::string::npos);
  EXPECT_NE(redis({"INFO", "persistence"}).find("aof_enabled:1"), std::string::npos);
}

TEST_F(RedisServer, KeepsItsDataOverAStop) {
  redis({"SET", "k", "v"});
  const int pid = server->pid();
  server->stop();
  EXPECT_TRUE(gone(pid));
  start();
  EXPECT_EQ(redis({"GET", "k"}), "v");
}

TEST_F(RedisServer, ComesBackWithItsDataWhenItIsKilled) {
  redis({"SET", "k", "v"});
  const int pid = server->pid();
  ::kill(pid, SIGKILL);
  for (int i = 0; i < 500 && (server->pid() == 0 || server->pid() == pid); ++i)
    std::this_thread::sleep_for(10ms);
  for (int i = 0; i < 500 && redis({"PING"}) != "PONG"; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(redis({"GET", "k"}), "v");
}

TEST_F(RedisServer, ADirectoryHasOneOwner) {
  redis_server_options o;
  o.directory = directory.path + "/redis";
  redis_server second(o);
  const auto r = second.start();
  EXPECT_FALSE(r.ok());
  EXPECT_NE(r.message.find("in use"), std::string::npos) << r.message;
  EXPECT_EQ(redis({"PING"}), "PONG");
}

TEST_F(RedisServer, AMissingProgramIsNamed) {
  redis_server_options o;
  o.directory = directory.path + "/other";
  o.program = "no-such-redis";
  redis_server other(o);
  const auto r = other.start();
  EXPECT_NE(r.message.find("no-such-redis"), std::string::npos) << r.message;
}

// The parent is a process of its own here, killed as hard as can be.
TEST(RedisServerOrphan, EndsWithItsParentAndLeavesTheDirectoryToTheNext) {
  temporary_directory directory;
  redis_server_options o;
  o.directory = directory.path + "/redis";
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    redis_server server(o);
    const int pid = server.start().ok() ? server.pid() : 0;
    (void)!::write(pipe_ends[1], &pid, sizeof pid);
    ::pause();
    ::_exit(0);
  }
  int redis = 0;
  ASSERT_EQ(::read(pipe_ends[0], &redis, sizeof redis), ssize_t{sizeof redis});
  ASSERT_GT(redis, 0);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  redis_server next(o);
  const auto r = next.start();
  EXPECT_TRUE(r.ok()) << r.message;
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST(RedisServerStart, IsQuick) {
  temporary_directory directory;
  redis_server_options o;
  o.directory = directory.path + "/redis";
  redis_server server(o);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(server.start().ok());
  const auto took = std::chrono::steady_clock::now() - begin;
  RecordProperty("milliseconds", int(took / 1ms));
  EXPECT_LT(took, 2s);
}

}  // namespace
}  // namespace troupe::store
