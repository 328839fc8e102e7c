#pragma once

#include "model/time.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::model::kubelet {

/// How long a kubelet waits before it tries again what failed.
struct backoff_times {
  std::chrono::milliseconds base{10'000};
  std::chrono::milliseconds cap{300'000};
  /// After twice the cap without a failure the next one counts as the first.
  std::chrono::milliseconds reset() const { return cap * 2; }
};

/// One thing's back-off: nothing before the first try, then doubling.
class backoff {
 public:
  std::chrono::milliseconds current() const { return current_; }

  /// Whether a failure at `failed` has still to be waited out at `now`.
  bool holds(time_point failed, time_point now, const backoff_times& times) {
    if (current_.count() > 0 && now - changed_ > times.reset()) current_ = {};
    return now < failed + current_;
  }

  /// A try begins: the failure that may follow waits longer.
  void next(time_point now, const backoff_times& times) {
    current_ = current_.count() == 0 ? times.base : std::min(current_ * 2, times.cap);
    changed_ = now;
  }

 private:
  std::chrono::milliseconds current_{0};
  time_point changed_{};
};

}  // namespace troupe::model::kubelet
