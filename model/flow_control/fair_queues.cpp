#include "model/flow_control/fair_queues.hpp"

namespace troupe::model {

std::vector<unsigned> deal_hand(std::uint64_t flow, unsigned queues, unsigned hand) {
  std::vector<unsigned> out;
  hand = std::min(hand, queues);
  out.reserve(hand);
  for (unsigned i = 0; i < hand; ++i) {
    // The place among the cards that are left; those that are dealt before it move it up.
    auto card = static_cast<unsigned>(flow % (queues - i));
    flow /= queues - i;
    auto sorted = out;
    std::ranges::sort(sorted);
    for (const unsigned dealt : sorted)
      if (dealt <= card) ++card;
    out.push_back(card);
  }
  return out;
}

}  // namespace troupe::model
