#pragma once

#include "model/flow_control/flow_table.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace troupe::model {

/// The queues that a flow may use: `hand` different ones of `queues`, dealt by its hash, so that a
/// flow that fills its hand leaves most others a queue that it is not in (shuffle sharding).
std::vector<unsigned> deal_hand(std::uint64_t flow, unsigned queues, unsigned hand);

/// The seats and queues of one priority level: who runs, who waits, who is refused. Among those
/// that wait, the queue that has had the least service goes first. Times are seconds; no clock of
/// its own.
template <class Item>
class fair_queues {
 public:
  explicit fair_queues(const flow_level& level)
      : seats_(std::max(1u, level.seats)),
        hand_(level.hand),
        length_(level.length),
        queues_(level.queues_requests ? std::min(level.queues, most_queues) : 1),
        refuses_(!level.queues_requests) {}

  enum class verdict : std::uint8_t { run, wait, refuse };
  struct arrival {
    verdict what = verdict::refuse;
    unsigned queue = 0;  ///< to be given back with the seat
  };
  struct start {
    Item item;
    unsigned queue = 0;
  };

  /// A request of a flow comes. Whether it runs now; `item` is kept when it waits.
  arrival arrive(std::uint64_t flow, Item&& item) {
    if (refuses_) {
      if (running_ >= seats_) return {verdict::refuse, 0};
      ++running_;
      return {verdict::run, 0};
    }
    const unsigned q = shortest(flow);
    if (running_ < seats_ && waiting_ == 0) {
      now_ = std::max(now_, queues_[q].start);
      seat(q);
      return {verdict::run, q};
    }
    if (queues_[q].items.size() >= length_) return {verdict::refuse, q};
    if (queues_[q].items.empty()) queues_[q].start = std::max(queues_[q].start, now_);
    queues_[q].items.push_back(std::move(item));
    ++waiting_;
    return {verdict::wait, q};
  }

  /// Changes the number of seats; those that are taken are given back in their time.
  void set_seats(unsigned seats) { seats_ = std::max(1u, seats); }

  /// Whether a request that comes now would run.
  bool free() const { return running_ < seats_ && waiting_ == 0; }

  /// The next request to run, while there is a seat.
  std::optional<start> next() {
    if (running_ >= seats_ || waiting_ == 0) return std::nullopt;
    unsigned best = 0;
    bool found = false;
    for (unsigned i = 0; i < queues_.size(); ++i) {
      if (queues_[i].items.empty()) continue;
      if (!found || queues_[i].start < queues_[best].start) best = i;
      found = true;
    }
    auto& q = queues_[best];
    now_ = std::max(now_, q.start);
    start out{std::move(q.items.front()), best};
    q.items.pop_front();
    --waiting_;
    seat(best);
    return out;
  }

  /// A request has ended that ran for so long.
  void finished(unsigned from, double seconds) {
    --running_;
    auto& q = queues_[from];
    if (q.running > 0) --q.running;
    q.start += seconds - estimate;
  }

  std::size_t waiting() const { return waiting_; }
  unsigned running() const { return running_; }

 private:
  static constexpr unsigned most_queues = 4096;
  static constexpr double estimate = 0.003;  ///< seconds of a request

  struct queue {
    std::deque<Item> items;
    unsigned running = 0;
    double start = 0;  ///< when, in service given, its next request is due
  };

  unsigned shortest(std::uint64_t flow) const {
    const auto hand = deal_hand(flow, static_cast<unsigned>(queues_.size()), hand_);
    return *std::ranges::min_element(
        hand, {}, [this](unsigned i) { return queues_[i].items.size() + queues_[i].running; });
  }

  // How long it will take is not known yet; it is set right at the end.
  void seat(unsigned i) {
    ++running_;
    auto& q = queues_[i];
    ++q.running;
    q.start = std::max(q.start, now_) + estimate;
  }

  unsigned seats_, hand_, length_;
  std::vector<queue> queues_;
  bool refuses_;
  unsigned running_ = 0;
  std::size_t waiting_ = 0;
  double now_ = 0;  ///< the service that the queue had which ran last
};

}  // namespace troupe::model
