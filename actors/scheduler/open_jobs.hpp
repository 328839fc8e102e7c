#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <utility>
#include <vector>

namespace troupe::scheduler {

/// What is under way, and who waits for the end of what was under way when they asked.
class open_jobs {
 public:
  using number = std::uint64_t;

  number begin() {
    open_.insert(++last_);
    return last_;
  }
  void end(number job) {
    open_.erase(job);
    auto waiting = std::exchange(waiting_, {});
    for (auto& [until, done] : waiting) wait(until, std::move(done));
  }
  /// Calls `done` when all that has begun by now has ended; perhaps at once.
  void when_ended(std::function<void()> done) { wait(last_, std::move(done)); }

 private:
  void wait(number until, std::function<void()> done) {
    if (open_.empty() || *open_.begin() > until)
      done();
    else
      waiting_.emplace_back(until, std::move(done));
  }

  number last_ = 0;
  std::set<number> open_;
  std::vector<std::pair<number, std::function<void()>>> waiting_;
};

}  // namespace troupe::scheduler
