#pragma once

#include <caf/actor.hpp>
#include <caf/actor_clock.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe {

/// Wakes those who follow the cache: at once while little happens, together and every so often
/// while much does. A commit that woke forty controllers each time would cost more than its pods.
class pulse {
 public:
  using time = caf::actor_clock::time_point;

  /// One who is woken.
  class seat {
   public:
    /// `wake` only posts; it is called on any thread, once until looks().
    explicit seat(std::function<void()> wake) : wake_(std::move(wake)) {}
    /// What happened up to now is looked at next.
    void looks(time now) {
      looked_.store(now.time_since_epoch().count());
      late_.store(false);
      posted_.store(false);
    }
    /// Now, unless it has been woken already.
    void wake() {
      if (!posted_.exchange(true)) wake_();
    }

   private:
    friend class pulse;
    std::function<void()> wake_;
    std::atomic<bool> posted_{false};  // it was woken and has not looked yet
    std::atomic<bool> late_{false};    // something has come that it will be woken for with the beat
    std::atomic<time::rep> looked_{0};
  };

  static constexpr std::chrono::milliseconds interval{5};

  explicit pulse(caf::actor_system& system);

  /// Something happened: the seat is woken now, or with the next beat if it looked a moment ago.
  /// From any thread.
  void wake(const std::shared_ptr<seat>& s);
  /// What beats; ends with its system unless it is told to before.
  const caf::actor& heart() const { return heart_; }

 private:
  struct late_ones {
    std::mutex guard;
    std::vector<std::shared_ptr<seat>> seats;
  };

  caf::actor_clock& clock_;
  std::shared_ptr<late_ones> late_ = std::make_shared<late_ones>();
  caf::actor heart_;
};

}  // namespace troupe
