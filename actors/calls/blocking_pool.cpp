#include "actors/calls/blocking_pool.hpp"

#include <caf/all.hpp>

#include <deque>
#include <exception>
#include <map>
#include <vector>

namespace troupe::calls {
namespace {

// One thread. Answers with why the work failed; with nothing if it is done.
caf::behavior thread_of_pool(caf::event_based_actor*) {
  return {[](blocking_atom, const blocking_job_ptr& job) -> std::string {
    try {
      job->work();
      return {};
    } catch (const std::exception& e) {
      return e.what();
    }
  }};
}

struct pool_state {
  struct waiting {
    blocking_job_ptr job;
    caf::response_promise promise;
  };
  blocking_limits limits;
  std::vector<caf::actor> idle;
  std::size_t spawned = 0;
  std::deque<waiting> queue;
  std::map<std::string, std::size_t> busy;  // jobs under way, by whom they wait for
  const char* name = "blocking-pool";
};

using pool = caf::stateful_actor<pool_state>;

void pump(pool* self);

void start(pool* self, pool_state::waiting w) {
  auto& s = self->state;
  if (s.idle.empty()) {
    s.idle.push_back(self->spawn<caf::detached + caf::linked>(thread_of_pool));
    ++s.spawned;
  }
  const caf::actor to = s.idle.back();
  s.idle.pop_back();
  ++s.busy[w.job->whom];
  auto done = [self, to, whom = w.job->whom, promise = w.promise](std::string why) mutable {
    auto& state = self->state;
    state.idle.push_back(to);
    if (--state.busy[whom] == 0) state.busy.erase(whom);
    promise.deliver(std::move(why));
    pump(self);
  };
  self->request(to, caf::infinite, blocking_atom::value, std::move(w.job))
      .then([done](std::string& why) mutable { done(std::move(why)); },
            [self, done](const caf::error& e) mutable { done(self->system().render(e)); });
}

void pump(pool* self) {
  auto& s = self->state;
  for (auto at = s.queue.begin(); at != s.queue.end();) {
    if (s.idle.empty() && s.spawned == s.limits.threads) return;
    const auto busy = s.busy.find(at->job->whom);
    if (busy != s.busy.end() && busy->second >= s.limits.of_one) {
      ++at;
      continue;
    }
    auto next = std::move(*at);
    at = s.queue.erase(at);
    start(self, std::move(next));
  }
}

caf::behavior pool_of(pool* self, blocking_limits limits) {
  self->state.limits = limits;
  return {[self](blocking_atom, const blocking_job_ptr& job) -> caf::result<std::string> {
    if (self->state.queue.size() >= self->state.limits.waiting)
      return std::string("too many calls are waiting");
    auto promise = self->make_response_promise();
    self->state.queue.push_back({job, promise});
    pump(self);
    return promise;
  }};
}

}  // namespace

void blocking_pool::stop() {
  if (actor_) caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
  actor_ = nullptr;
}

caf::actor blocking_pool::spawn(caf::actor_system& system, blocking_limits limits) {
  return system.spawn(pool_of, limits);
}

}  // namespace troupe::calls
