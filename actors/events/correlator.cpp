#include "actors/events/correlator.hpp"

#include <algorithm>

namespace troupe::events {
namespace {

using namespace std::chrono_literals;

// client-go's finishTime and refreshTime.
constexpr auto series_rest = 6min;
constexpr auto series_refresh = 30min;

}  // namespace

model::json record::document() const {
  model::json d = model::event_json(note, name, first, last, count);
  d["metadata"]["uid"] = uid;
  d["metadata"]["creationTimestamp"] = model::to_rfc3339(first);
  return d;
}

model::json record::patch() const {
  if (!note.action.empty()) return {{"series", model::event_series(count, last)}};
  model::json changed = {{"count", count}, {"lastTimestamp", model::to_rfc3339(last)}};
  if (combined) changed["message"] = note.message;
  return changed;
}

void correlator::add(model::event_note note, model::time_point now) {
  const bool series = !note.action.empty();
  const std::string own = note.key();
  std::string key = series ? own : similar_.key_of(note, now);
  const bool combined = key != own;
  if (!series && !spam_.lets_through(note, now)) return;
  auto at = known_.find(key);
  if (at != known_.end() && series && !at->second.queued &&
      now - at->second.state.last > series_rest) {
    ages_.erase(at->second.age);
    known_.erase(at);
    at = known_.end();
  }
  if (at != known_.end()) {
    known& k = at->second;
    ++k.state.count;
    k.state.last = now;
    k.state.note.message = std::move(note.message);
    ages_.splice(ages_.end(), ages_, k.age);
    if (k.queued) return;
    if (series && k.state.count > 2 && now - k.state.written < series_refresh) return;
    if (queue_.size() >= queue_limit_) {
      ++dropped_;
      return;
    }
    k.queued = true;
    k.state.written = now;
    queue_.push_back(std::move(key));
    return;
  }
  if (queue_.size() >= queue_limit_) {
    ++dropped_;
    return;
  }
  known k;
  k.state = {key, std::move(note), {}, random_.uuid(), now, now, 1, combined, true, now};
  // Two events of one moment have two names.
  named_ = std::max(now, named_ + std::chrono::nanoseconds(1));
  k.state.name = model::event_name(k.state.note, named_);
  k.queued = true;
  k.age = ages_.insert(ages_.end(), key);
  known_.emplace(key, std::move(k));
  queue_.push_back(std::move(key));
  while (known_.size() > known_limit_ && !known_.at(ages_.front()).queued) {
    known_.erase(ages_.front());
    ages_.pop_front();
  }
}

std::vector<record> correlator::take(std::size_t limit) {
  std::vector<record> out;
  while (out.size() < limit && !queue_.empty()) {
    if (auto at = known_.find(queue_.front()); at != known_.end()) {
      out.push_back(at->second.state);
      at->second.state.create = false;
      at->second.queued = false;
    }
    queue_.pop_front();
  }
  return out;
}

void correlator::forget(const std::string& key) {
  const auto at = known_.find(key);
  if (at == known_.end()) return;
  at->second.state.create = true;
}

}  // namespace troupe::events
