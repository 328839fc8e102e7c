#pragma once

#include "actors/events/aggregator.hpp"
#include "model/event.hpp"
#include "model/random.hpp"

#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::events {

/// What becomes of one event when its turn comes.
struct record {
  std::string key;
  model::event_note note;
  std::string name;
  std::string uid;
  model::time_point first;
  model::time_point last;
  std::int64_t count = 1;
  bool combined = false;      ///< of several messages; it has the newest
  bool create = true;         ///< else the Event is there and counts up
  model::time_point written;  ///< when it was last queued

  model::json document() const;  ///< complete, with uid and creationTimestamp
  model::json patch() const;     ///< what an update changes (merge patch)
};

/// Counts repeats of an event together, combines similar ones, drops those of a source that tells
/// too much of one object (client-go's EventCorrelator), and keeps what is to be written, within
/// bounds: when the queue is full the newest is dropped, as kube's broadcaster drops; of known
/// events the ones not seen for longest are forgotten. Events with an action are series instead
/// (client-go's tools/events): the first repeat is written at once, later ones by the half hour,
/// and a series that has rested for six minutes is over.
class correlator {
 public:
  correlator(std::size_t queue_limit, std::size_t known_limit, std::uint64_t seed)
      : queue_limit_(queue_limit),
        known_limit_(known_limit),
        random_(seed),
        similar_(known_limit),
        spam_(known_limit) {}

  void add(model::event_note note, model::time_point now);
  /// The next to write, at most `limit`.
  std::vector<record> take(std::size_t limit);
  /// The Event of a record could not be updated because it is gone: its next write creates it.
  void forget(const std::string& key);

  bool empty() const { return queue_.empty(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct known {
    record state;
    bool queued = false;
    std::list<std::string>::iterator age;
  };

  std::size_t queue_limit_;
  std::size_t known_limit_;
  model::random_source random_;
  aggregator similar_;
  spam_filter spam_;
  std::unordered_map<std::string, known> known_;
  std::list<std::string> ages_;  // oldest first
  std::deque<std::string> queue_;
  model::time_point named_;  // the newest time that a name was made of
  std::uint64_t dropped_ = 0;
};

}  // namespace troupe::events
