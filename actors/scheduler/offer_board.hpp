#pragma once

#include "messages/scheduling.hpp"

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::scheduler {

/// The newest offer of every node, and what each subscriber has not been told yet. A subscriber
/// that falls behind costs a mark a node, never a queue of messages.
class offer_board {
 public:
  /// Messages a subscriber may leave unacknowledged.
  static constexpr std::uint64_t window = 4;

  /// A proxy said so; false when it says nothing new.
  bool post(offer o);
  const offer* find(const std::string& node) const;

  void subscribe(const scheduler_actor& who);
  void unsubscribe(const caf::actor_addr& who);
  void acknowledge(const caf::actor_addr& who, std::uint64_t number);

  struct delivery {
    scheduler_actor to;
    std::uint64_t number = 0;
    std::vector<offer> offers;
    bool snapshot = false;
  };
  /// What is due, to those that keep up. `version`: the store version that all offers reflect; sent
  /// also alone when offers went out before it had been reached.
  std::vector<delivery> deliveries(std::uint64_t version);
  /// Whether a call of deliveries() could give something.
  bool due(std::uint64_t version) const;

 private:
  struct subscriber {
    scheduler_actor handle;
    std::map<std::string, bool> dirty;  // node; true: with the Node itself
    bool snapshot = true;
    std::uint64_t sent = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t version = 0;  // last told
    bool ready(std::uint64_t v) const;
  };

  std::unordered_map<std::string, offer> offers_;
  std::map<caf::actor_addr, subscriber> subscribers_;
};

}  // namespace troupe::scheduler
