#include "actors/events/aggregator.hpp"

#include <algorithm>

namespace troupe::events {
namespace {

std::string joined(std::initializer_list<const std::string*> parts) {
  std::string out;
  for (const auto* part : parts) out.append(*part).push_back('\n');
  return out;
}

}  // namespace

std::string aggregator::key_of(model::event_note& note, model::time_point now) {
  const auto& about = note.about;
  auto key = joined({&note.component, &note.host, &about.kind, &about.ns, &about.name, &about.uid,
                     &about.api_version, &note.type, &note.reason});
  group& g = groups_[key];
  if (now - g.last > memory) g.messages.clear();
  g.last = now;
  g.messages.insert(note.message);
  if (g.messages.size() < most_messages) return note.key();
  g.messages.erase(g.messages.begin());
  note.message = "(combined from similar events): " + note.message;
  return key;
}

bool spam_filter::lets_through(const model::event_note& note, model::time_point now) {
  const auto& about = note.about;
  bucket& b = buckets_[joined({&note.component, &note.host, &about.kind, &about.ns, &about.name,
                               &about.uid, &about.api_version})];
  if (b.at != model::time_point{})
    b.tokens = std::min(burst, b.tokens + std::chrono::duration<double>(now - b.at) / refill);
  b.at = now;
  if (b.tokens < 1) return false;
  b.tokens -= 1;
  return true;
}

}  // namespace troupe::events
