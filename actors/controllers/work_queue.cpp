#include "actors/controllers/work_queue.hpp"

#include <algorithm>

namespace troupe {

void work_queue::add(const std::string& key, time when) {
  if (const auto busy = in_work_.find(key); busy != in_work_.end()) {
    busy->second = busy->second ? std::min(*busy->second, when) : when;
    return;
  }
  const auto [at, fresh] = due_.try_emplace(key, when);
  if (!fresh) {
    if (at->second <= when) return;
    order_.erase({at->second, key});
    at->second = when;
  }
  order_.emplace(when, key);
}

std::optional<std::string> work_queue::take(time now) {
  if (order_.empty() || order_.begin()->first > now) return std::nullopt;
  auto key = order_.begin()->second;
  order_.erase(order_.begin());
  due_.erase(key);
  in_work_.emplace(key, std::nullopt);
  return key;
}

void work_queue::finished(const std::string& key) {
  failures_.erase(key);
  const auto at = in_work_.find(key);
  if (at == in_work_.end()) return;
  const auto again = at->second;
  in_work_.erase(at);
  if (again) add(key, *again);
}

void work_queue::failed(const std::string& key, time now) {
  const auto doublings = std::min(failures_[key]++, 12u);
  const auto delay = std::min(longest_delay, first_delay * (1 << doublings));
  const auto jitter =
      std::chrono::milliseconds(random_.below(static_cast<uint64_t>(delay.count()) / 2));
  in_work_.erase(key);
  add(key, now + delay + jitter);
}

std::optional<work_queue::time> work_queue::next_due() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

}  // namespace troupe
