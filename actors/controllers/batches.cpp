#include "actors/controllers/batches.hpp"

#include <algorithm>
#include <memory>

namespace troupe {
namespace {

struct slow_start : std::enable_shared_from_this<slow_start> {
  slow_start(std::size_t c, batch_call o, std::function<void(batch_result)> d)
      : count(c), one(std::move(o)), done(std::move(d)) {}

  void next() {
    const auto size = std::min(width, count - begun);
    if (size == 0) return done(std::move(result));
    const auto first = begun;
    begun += size;
    width *= 2;
    call_all(
        size,
        [self = shared_from_this(), first](std::size_t i, std::function<void(std::string)> ended) {
          self->one(first + i, std::move(ended));
        },
        [self = shared_from_this()](batch_result r) {
          self->result.succeeded += r.succeeded;
          self->result.failure = std::move(r.failure);
          if (self->result.failure.empty()) return self->next();
          self->done(std::move(self->result));
        });
  }

  const std::size_t count;
  const batch_call one;
  const std::function<void(batch_result)> done;
  std::size_t begun = 0;
  std::size_t width = 1;
  batch_result result;
};

}  // namespace

void call_all(std::size_t count, const batch_call& one, std::function<void(batch_result)> done) {
  if (count == 0) return done({});
  auto open = std::make_shared<std::size_t>(count);
  auto result = std::make_shared<batch_result>();
  auto ended = [open, result, done = std::move(done)](std::string failure) {
    if (failure.empty())
      ++result->succeeded;
    else if (result->failure.empty())
      result->failure = std::move(failure);
    if (--*open == 0) done(std::move(*result));
  };
  for (std::size_t i = 0; i < count; ++i) one(i, ended);
}

void call_slow_start(std::size_t count, batch_call one, std::function<void(batch_result)> done) {
  std::make_shared<slow_start>(count, std::move(one), std::move(done))->next();
}

}  // namespace troupe
