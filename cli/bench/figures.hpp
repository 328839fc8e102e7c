#pragma once

#include "model/json.hpp"

#include <chrono>
#include <vector>

namespace troupe::cli::bench {

using clock = std::chrono::steady_clock;

/// Seconds since `start`.
double seconds_since(clock::time_point start);

/// Durations of single operations.
class latencies {
 public:
  void add(clock::duration d) { values_.push_back(d); }
  std::size_t size() const { return values_.size(); }
  /// The value that a share `p` (0..1) of all does not exceed, in milliseconds; 0 without values.
  double percentile(double p);

 private:
  std::vector<clock::duration> values_;
  bool sorted_ = false;
};

/// A table of results: a row a measurement, printed for people or as one JSON object.
class figures {
 public:
  /// `count` operations took `seconds`.
  void add_rate(std::string name, std::size_t count, double seconds, latencies& each);
  /// A single value, such as MiB of memory.
  void add_value(std::string name, double value, std::string unit);
  void print(bool as_json) const;

 private:
  struct row {
    std::string name;
    std::string text;
    model::json value;
  };
  std::vector<row> rows_;
};

}  // namespace troupe::cli::bench
