#include "model/node_ttl.hpp"

#include <iterator>
#include <limits>

namespace troupe::model {
namespace {

struct size_step {
  std::size_t smallest, largest;  // numbers of nodes for which it may stay
  std::chrono::seconds ttl;
};

constexpr size_step size_steps[] = {
    {0, 100, std::chrono::seconds(0)},
    {90, 500, std::chrono::seconds(15)},
    {450, 1000, std::chrono::seconds(30)},
    {900, 2000, std::chrono::seconds(60)},
    {1800, std::numeric_limits<std::size_t>::max(), std::chrono::seconds(300)}};

}  // namespace

bool node_ttl::resize(std::size_t nodes) {
  const auto before = step_;
  while (nodes > size_steps[step_].largest) ++step_;
  while (nodes < size_steps[step_].smallest) --step_;
  return step_ != before;
}

std::chrono::seconds node_ttl::value() const {
  return size_steps[step_].ttl;
}

}  // namespace troupe::model
