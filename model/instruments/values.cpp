#include "model/instruments/values.hpp"

#include <algorithm>

namespace troupe::model {

histogram::histogram(const shape& bounds)
    : bounds_(bounds), counts_(new std::atomic<std::uint64_t>[bounds.size() + 1]()) {}

void histogram::observe(double v, std::uint64_t n) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), v) - bounds_.begin();
  counts_[static_cast<std::size_t>(at)].fetch_add(n, std::memory_order_relaxed);
  sum_.fetch_add(v * static_cast<double>(n), std::memory_order_relaxed);
}

histogram::reading histogram::read() const {
  reading out;
  for (std::size_t i = 0; i <= bounds_.size(); ++i)
    out.counts.push_back(counts_[i].load(std::memory_order_relaxed));
  out.sum = sum_.load(std::memory_order_relaxed);
  return out;
}

std::vector<double> exponential_bounds(double first, double factor, std::size_t count) {
  std::vector<double> out;
  for (; count > 0; --count, first *= factor) out.push_back(first);
  return out;
}

}  // namespace troupe::model
