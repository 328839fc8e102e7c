#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/duration.hpp>
#include <caf/error.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace troupe::calls {

/// Work that blocks for as long as somebody else takes. Stays in the process.
struct blocking_job {
  std::string whom;            ///< it waits for: so many at a time may wait for the same
  std::function<void()> work;  ///< what it throws is why it failed
};
using blocking_job_ptr = std::shared_ptr<const blocking_job>;
using blocking_atom = caf::atom_constant<caf::atom("blocking")>;

struct blocking_limits {
  std::size_t threads = 16;
  std::size_t of_one = 8;  ///< jobs under way for the same
  std::size_t waiting = 1024;
};

/// Threads for work that blocks, mostly calls over HTTP, of an actor that must not: at most so many
/// jobs are under way at a time, and fewer for the same peer, so that slow ones leave room for the
/// others. Threads are made when they are needed, and end with it.
class blocking_pool {
 public:
  explicit blocking_pool(blocking_limits limits) : limits_(limits) {}

  /// Has the work done, and calls one of the two on the actor's own thread: with its result, or
  /// with why there is none (it threw, too many jobs are waiting, the pool is down).
  template <class Result, class Self>
  void run(Self* self, std::string whom, std::function<Result()> work,
           std::function<void(Result)> done, std::function<void(std::string)> failed) {
    if (!actor_) actor_ = spawn(self->system(), limits_);
    auto result = std::make_shared<std::optional<Result>>();
    auto job = std::make_shared<const blocking_job>(blocking_job{
        std::move(whom), [result, work = std::move(work)] { result->emplace(work()); }});
    self->request(actor_, caf::infinite, blocking_atom::value, blocking_job_ptr(std::move(job)))
        .then(
            [result, done = std::move(done), failed](const std::string& why) {
              if (*result)
                done(std::move(**result));
              else
                failed(why);
            },
            [self, failed](const caf::error& e) { failed(self->system().render(e)); });
  }

  /// When its actor ends. Work under way ends first, and is answered to nobody.
  void stop();

 private:
  static caf::actor spawn(caf::actor_system& system, blocking_limits limits);

  blocking_limits limits_;
  caf::actor actor_;
};

}  // namespace troupe::calls

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::calls::blocking_job_ptr)
