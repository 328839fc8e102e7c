// floors: actors/store
#include "actors/store/store.hpp"
#include "messages/errors.hpp"
#include "messages/system_config.hpp"
#include "tests/integration/store/redis_fixture.hpp"

#include <caf/all.hpp>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using store::RedisTest;

write create(const std::string& name) {
  return {write_op::create,
          "pods",
          "d",
          name,
          model::encode("pods", {{"apiVersion", "v1"},
                                 {"kind", "Pod"},
                                 {"metadata", {{"namespace", "d"}, {"name", name}}},
                                 {"status", {{"message", std::string(900, 'x')}}}}),
          caf::none,
          ""};
}

// Creates pods as fast as it is answered, `width` at a time, each under a new name; every
// acknowledged name goes to the file descriptor.
struct creator_state {
  int next = 0;
};
caf::behavior creator(caf::stateful_actor<creator_state>* self, store_actor store, int width,
                      int id, int out, std::shared_ptr<std::atomic<int>> failures) {
  auto step = std::make_shared<std::function<void()>>();
  *step = [=, again = std::weak_ptr(step)] {
    const auto name = "c" + std::to_string(id) + "-" + std::to_string(self->state.next++);
    auto go_on = again.lock();
    if (!go_on) return;
    self->request(store, caf::infinite, write_atom::value, create(name))
        .then(
            [=](const object_ref&) {
              const auto line = name + "\n";
              if (::write(out, line.data(), line.size()) > 0) (*go_on)();
            },
            [=](const caf::error& e) {
              ++*failures;
              if (to_status(e).code != 503) std::cerr << to_string(e) << "\n";
              self->delayed_send(self, 5ms, tick_atom::value);
            });
  };
  for (int i = 0; i < width; ++i) (*step)();
  return {[=](tick_atom) { (*step)(); }};
}

std::set<std::string> lines_of(const std::string& path) {
  std::set<std::string> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) out.insert(line);
  return out;
}

class StoreCrash : public RedisTest {
 protected:
  store_options make_options() {
    store_options o;
    o.journal = std::make_shared<store::redis_journal>(options());
    o.cache = std::make_shared<store::cache>();
    return o;
  }
  // What a new start finds.
  std::set<std::string> present() {
    store::redis_journal j(options());
    store::journal_state s;
    const auto r = j.open(s);
    EXPECT_TRUE(r.ok()) << r.message;
    std::set<std::string> out;
    std::uint64_t newest = 0;
    for (const auto& o : s.objects) {
      out.insert(o->key().name);
      newest = std::max(newest, o->version());
    }
    EXPECT_EQ(s.version, newest);
    EXPECT_EQ(out.size(), s.version) << "each create has one version: none is lost or doubled";
    return out;
  }
  void expect_all_there(const std::set<std::string>& acknowledged) {
    const auto there = present();
    std::vector<std::string> lost;
    std::set_difference(acknowledged.begin(), acknowledged.end(), there.begin(), there.end(),
                        std::back_inserter(lost));
    EXPECT_TRUE(lost.empty()) << lost.size() << " lost, first " << lost.front();
  }
  std::string acknowledged_file() const { return directory.path + "/acknowledged"; }
};

TEST_F(StoreCrash, RedisKilledMidStreamLosesNothingAcknowledged) {
  const int out = ::open(acknowledged_file().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  auto failures = std::make_shared<std::atomic<int>>(0);
  auto o = make_options();
  const auto cache = o.cache;
  const auto health = o.health;
  {
    system_config cfg;
    caf::actor_system sys(cfg);
    auto store = spawn_store(sys, o);
    while (!health->ready()) std::this_thread::sleep_for(1ms);
    std::vector<caf::actor> creators;
    for (int i = 0; i < 4; ++i) creators.push_back(sys.spawn(creator, store, 8, i, out, failures));
    for (int kills = 0; kills < 4; ++kills) {
      while (cache->version() == 0) std::this_thread::sleep_for(1ms);
      std::this_thread::sleep_for(100ms + std::chrono::milliseconds(13 * kills));
      const auto version = cache->version();
      ::kill(server->pid(), SIGKILL);
      const auto until = std::chrono::steady_clock::now() + 20s;
      while (cache->version() < version + 100 && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(2ms);
      EXPECT_GE(cache->version(), version + 100) << "it goes on after the kill";
      EXPECT_GT(cache->count("pods"), 0u) << "reads go on";
    }
    for (auto& c : creators) caf::anon_send_exit(c, caf::exit_reason::user_shutdown);
    creators.clear();
    std::this_thread::sleep_for(100ms);
    caf::anon_send_exit(store, caf::exit_reason::user_shutdown);
  }
  EXPECT_GT(failures->load(), 0) << "the kills met nobody";
  const auto acknowledged = lines_of(acknowledged_file());
  for (const auto& name : acknowledged) EXPECT_TRUE(cache->get({"pods", "d", name})) << name;
  expect_all_there(acknowledged);
  ::close(out);
}

TEST_F(StoreCrash, AStoreKilledMidStreamLosesNothingAcknowledged) {
  const int out = ::open(acknowledged_file().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  for (int round = 0; round < 3; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      system_config cfg;
      caf::actor_system sys(cfg);
      auto store = spawn_store(sys, make_options());
      caf::scoped_actor self(sys);
      self->request(store, caf::infinite, version_atom::value)
          .receive([](uint64_t) {}, [](const caf::error&) { ::_exit(1); });
      auto failures = std::make_shared<std::atomic<int>>(0);
      for (int i = 0; i < 4; ++i) sys.spawn(creator, store, 8, round * 4 + i, out, failures);
      std::this_thread::sleep_for(60s);
      ::_exit(0);
    }
    const auto before = lines_of(acknowledged_file()).size();
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (lines_of(acknowledged_file()).size() < before + 500 &&
           std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(5ms);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto acknowledged = lines_of(acknowledged_file());
    EXPECT_GE(acknowledged.size(), before + 500);
    expect_all_there(acknowledged);
  }
  ::close(out);
}

TEST_F(StoreCrash, StoreAndRedisKilledTogetherLoseNothingAcknowledged) {
  const int out = ::open(acknowledged_file().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const pid_t child = ::fork();
  if (child == 0) {
    system_config cfg;
    caf::actor_system sys(cfg);
    auto store = spawn_store(sys, make_options());
    caf::scoped_actor self(sys);
    self->request(store, caf::infinite, version_atom::value)
        .receive([](uint64_t) {}, [](const caf::error&) { ::_exit(1); });
    auto failures = std::make_shared<std::atomic<int>>(0);
    for (int i = 0; i < 4; ++i) sys.spawn(creator, store, 8, i, out, failures);
    std::this_thread::sleep_for(60s);
    ::_exit(0);
  }
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (lines_of(acknowledged_file()).size() < 1000 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(5ms);
  const int redis_pid = server->pid();
  ::kill(redis_pid, SIGKILL);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (int i = 0; i < 1000 && redis({"PING"}) != "PONG"; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_NE(server->pid(), redis_pid);
  const auto acknowledged = lines_of(acknowledged_file());
  EXPECT_GE(acknowledged.size(), 1000u);
  expect_all_there(acknowledged);
  ::close(out);
}

TEST_F(StoreCrash, AnOlderStoresLateWriteIsRefused) {
  system_config cfg;
  caf::actor_system sys(cfg);
  auto first_options = make_options();
  auto second_options = make_options();
  std::atomic<int> stepped_down = 0;
  first_options.stepped_down = [&] { ++stepped_down; };
  auto first = spawn_store(sys, first_options);
  caf::scoped_actor self(sys);
  const auto code = [&](const store_actor& s, const std::string& name) {
    int out = 200;
    self->request(s, caf::infinite, write_atom::value, create(name))
        .receive([](const object_ref&) {}, [&](const caf::error& e) { out = to_status(e).code; });
    return out;
  };
  const auto wait = [&](const store_actor& s) {
    self->request(s, caf::infinite, version_atom::value)
        .receive([](uint64_t) {}, [](const caf::error&) {});
  };
  wait(first);
  EXPECT_EQ(code(first, "a"), 200);
  auto second = spawn_store(sys, second_options);
  wait(second);
  EXPECT_EQ(code(first, "late"), 410);
  for (int i = 0; i < 1000 && stepped_down == 0; ++i) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(stepped_down, 1);
  EXPECT_EQ(code(second, "b"), 200);
  EXPECT_EQ(code(second, "a"), 409);
  redis({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(code(second, "full"), 429);
  redis({"CONFIG", "SET", "maxmemory", "0"});
  redis({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(code(second, "replica"), 503);
  redis({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(code(second, "c"), 200);
  EXPECT_EQ(second_options.cache->count("pods"), 3u);
  caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(second, caf::exit_reason::user_shutdown);
  first = nullptr;
  second = nullptr;
  EXPECT_EQ(present(), (std::set<std::string>{"a", "b", "c"}));
}

}  // namespace
}  // namespace troupe
