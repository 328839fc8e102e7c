#pragma once

#include "model/random.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace troupe {

/// Keys to reconcile and when: each once, one at a time, failed ones later and later.
class work_queue {
 public:
  using time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds first_delay{50};
  static constexpr std::chrono::milliseconds longest_delay{60000};

  explicit work_queue(uint64_t seed) : random_(seed) {}

  /// Due at `when`, or earlier when it already is.
  void add(const std::string& key, time when);
  /// The next key that is due; it is in work until finished() or failed().
  std::optional<std::string> take(time now);
  void finished(const std::string& key);
  void failed(const std::string& key, time now);
  std::optional<time> next_due() const;
  std::size_t in_work() const { return in_work_.size(); }

 private:
  std::set<std::pair<time, std::string>> order_;
  std::map<std::string, time> due_;
  std::map<std::string, std::optional<time>> in_work_;  // and when it is due again
  std::map<std::string, unsigned> failures_;
  model::random_source random_;
};

}  // namespace troupe
