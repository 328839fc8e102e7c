#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace troupe::model {

// What a process counts and measures of itself. Any thread may change and read them; nobody waits.

/// Only grows.
class counter {
 public:
  struct shape {};
  explicit counter(const shape& /*unused*/ = {}) {}
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down.
class gauge {
 public:
  struct shape {};
  explicit gauge(const shape& /*unused*/ = {}) {}
  void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// Counts values by size.
class histogram {
 public:
  using shape = std::vector<double>;  ///< upper bounds of the buckets, growing; one more has none
  explicit histogram(const shape& bounds);

  void observe(double v) { observe(v, 1); }
  /// `n` values of the same size.
  void observe(double v, std::uint64_t n);

  struct reading {
    std::vector<std::uint64_t> counts;  ///< by bucket, each for itself
    double sum = 0;
  };
  reading read() const;
  const shape& bounds() const { return bounds_; }

 private:
  shape bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

/// `count` bounds, each `factor` times the one before.
std::vector<double> exponential_bounds(double first, double factor, std::size_t count);

}  // namespace troupe::model
