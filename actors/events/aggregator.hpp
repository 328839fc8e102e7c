#pragma once

#include "model/event.hpp"

#include <list>
#include <set>
#include <string>
#include <unordered_map>

namespace troupe::events {

/// Values by key, of which those that were not used for longest are forgotten beyond a number.
template <class V>
class recent {
 public:
  explicit recent(std::size_t limit) : limit_(limit) {}

  V& operator[](const std::string& key) {
    const auto [at, fresh] = entries_.try_emplace(key);
    if (fresh)
      at->second.age = ages_.insert(ages_.end(), key);
    else
      ages_.splice(ages_.end(), ages_, at->second.age);
    while (entries_.size() > limit_) {
      entries_.erase(ages_.front());
      ages_.pop_front();
    }
    return at->second.value;
  }

 private:
  struct entry {
    V value{};
    std::list<std::string>::iterator age;
  };
  std::size_t limit_;
  std::unordered_map<std::string, entry> entries_;
  std::list<std::string> ages_;  // oldest first
};

/// Makes one event of many that differ in their message alone (client-go's EventAggregator): from
/// the tenth different message within ten minutes on.
class aggregator {
 public:
  static constexpr std::size_t most_messages = 10;
  static constexpr std::chrono::seconds memory{600};

  explicit aggregator(std::size_t limit) : groups_(limit) {}

  /// The key under which the event counts up. When it is the group's, the message says so.
  std::string key_of(model::event_note& note, model::time_point now);

 private:
  struct group {
    std::set<std::string> messages;
    model::time_point last{};
  };
  recent<group> groups_;
};

/// Lets 25 events of a source about an object through, then one in five minutes (client-go's
/// EventSourceObjectSpamFilter).
class spam_filter {
 public:
  static constexpr double burst = 25;
  static constexpr std::chrono::seconds refill{300};

  explicit spam_filter(std::size_t limit) : buckets_(limit) {}

  bool lets_through(const model::event_note& note, model::time_point now);

 private:
  struct bucket {
    double tokens = burst;
    model::time_point at{};
  };
  recent<bucket> buckets_;
};

}  // namespace troupe::events
