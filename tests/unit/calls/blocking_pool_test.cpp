// floors: actors/calls
// Work that blocks, away from the actor that wants it: how much of it at a time, and what becomes
// of what fails.
#include "actors/calls/blocking_pool.hpp"

#include "messages/system_config.hpp"

#include <caf/all.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace troupe::calls {
namespace {

using testing::ElementsAre;

/// Work that waits until it is let go of, and counts who is at it.
class gate {
 public:
  void pass(const std::string& whom) {
    std::unique_lock lock(mutex_);
    ++now_[whom];
    most_[whom] = std::max(most_[whom], now_[whom]);
    ++inside_;
    most_inside_ = std::max(most_inside_, inside_);
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    --now_[whom];
    --inside_;
  }
  void wait_for(int inside) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside_ >= inside; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  int most(const std::string& whom) {
    const std::lock_guard lock(mutex_);
    return most_[whom];
  }
  int most_inside() {
    const std::lock_guard lock(mutex_);
    return most_inside_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> now_, most_;
  int inside_ = 0, most_inside_ = 0;
  bool open_ = false;
};

/// An actor that has jobs done and collects their results as text.
struct asker_state {
  blocking_pool pool{{.threads = 3, .of_one = 2, .waiting = 4}};
  std::vector<std::string> results;
  std::size_t wanted = 0;
  caf::response_promise promise;
  const char* name = "asker";
};
using asker = caf::stateful_actor<asker_state>;
using results_atom = caf::atom_constant<caf::atom("results")>;
using job = std::pair<std::string, std::function<int()>>;

struct BlockingPool : testing::Test {
  system_config cfg{2};
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  std::vector<job> jobs;
  caf::actor actor;

  void start() {
    actor = sys.spawn([all = jobs](asker* me) -> caf::behavior {
      const auto heard = [me](std::string what) {
        auto& s = me->state;
        s.results.push_back(std::move(what));
        if (s.promise.pending() && s.results.size() == s.wanted) s.promise.deliver(s.results);
      };
      for (const auto& [whom, work] : all)
        me->state.pool.run<int>(
            me, whom, work, [heard](int n) { heard(std::to_string(n)); },
            [heard](std::string why) { heard("failed: " + why); });
      return {[me](results_atom, std::size_t n) -> caf::result<std::vector<std::string>> {
                if (me->state.results.size() >= n) return me->state.results;
                me->state.wanted = n;
                me->state.promise = me->make_response_promise();
                return me->state.promise;
              },
              [me](caf::ok_atom) {
                me->state.pool.stop();
                me->quit();
              }};
    });
  }
  /// Waits until there are so many.
  std::vector<std::string> first_results(std::size_t n) {
    std::vector<std::string> out;
    self->request(actor, std::chrono::seconds(30), results_atom::value, n)
        .receive([&](std::vector<std::string>& all) { out = std::move(all); },
                 [&](const caf::error& e) { ADD_FAILURE() << sys.render(e); });
    return out;
  }
  /// Of all jobs, sorted; the actor ends.
  std::vector<std::string> results() {
    auto out = first_results(jobs.size());
    self->send(actor, caf::ok_atom::value);
    actor = nullptr;
    std::sort(out.begin(), out.end());
    return out;
  }
};

TEST_F(BlockingPool, AnswersWithResultsAndFaults) {
  jobs = {{"a", [] { return 7; }}, {"a", []() -> int { throw std::runtime_error("no route"); }}};
  start();
  EXPECT_THAT(results(), ElementsAre("7", "failed: no route"));
}

TEST_F(BlockingPool, LeavesRoomForOthersThanTheSlow) {
  gate g;
  for (int i = 0; i < 4; ++i) jobs.push_back({"slow", [&] { return g.pass("slow"), 1; }});
  jobs.push_back({"other", [&] { return g.pass("other"), 2; }});
  start();
  g.wait_for(3);  // two slow ones and the other, which came last
  g.open();
  EXPECT_THAT(results(), ElementsAre("1", "1", "1", "1", "2"));
  EXPECT_EQ(g.most("slow"), 2);
  EXPECT_EQ(g.most_inside(), 3);
}

TEST_F(BlockingPool, RefusesWhatWouldWaitForTooLong) {
  gate g;
  for (int i = 0; i < 7; ++i) jobs.push_back({"slow", [&] { return g.pass("slow"), 1; }});
  start();
  EXPECT_THAT(first_results(1), ElementsAre("failed: too many calls are waiting"));
  g.open();
  EXPECT_THAT(results(),
              ElementsAre("1", "1", "1", "1", "1", "1", "failed: too many calls are waiting"));
}

}  // namespace
}  // namespace troupe::calls
