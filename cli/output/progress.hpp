#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>
#include <thread>

namespace troupe::cli {

/// One line on a terminal that says how something long goes on. It appears after the first second,
/// is renewed a few times a second at most, and vanishes at the end; without a terminal there is
/// none. The cursor stays at its begin, so that anything printed meanwhile takes its place.
class progress {
 public:
  using clock = std::chrono::steady_clock;

  progress(std::ostream& err, bool terminal) : err_(err), terminal_(terminal) {}
  ~progress() { clear(); }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Shows what `text` returns, when it is time to.
  void update(const std::function<std::string()>& text);
  void clear();
  double seconds() const;

 private:
  std::ostream& err_;
  bool terminal_;
  bool shown_ = false;
  clock::time_point start_ = clock::now();
  clock::time_point next_ = start_ + std::chrono::seconds(1);
};

/// Shows "TEXT, 3 s" from a thread of its own, until it is destroyed: for what blocks.
class waiting_line {
 public:
  waiting_line(std::ostream& err, bool terminal, std::string text);

 private:
  std::jthread thread_;
};

}  // namespace troupe::cli
