#include "model/kubelet/image_gc.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::model::kubelet {

std::optional<std::int64_t> bytes_to_free(const image_gc_policy& policy, std::int64_t available,
                                          std::int64_t capacity) {
  if (capacity <= 0) return std::nullopt;
  available = std::min(available, capacity);
  if (100 - available * 100 / capacity < policy.high_percent) return std::nullopt;
  return capacity * (100 - policy.low_percent) / 100 - available;
}

void image_book::see(const std::vector<image_state>& images, const std::set<std::string>& in_use,
                     time_point now) {
  std::map<std::string, record> next;
  for (const auto& image : images) {
    const auto before = known_.find(image.id);
    record r = before == known_.end() ? record{} : before->second;
    if (before == known_.end() && any_look_) r.first_seen = now;
    r.size = static_cast<std::int64_t>(image.size);
    r.pinned = image.pinned;
    r.in_use = in_use.contains(image.id) ||
               std::any_of(image.names.begin(), image.names.end(),
                           [&](const auto& name) { return in_use.contains(name); });
    if (r.in_use) r.last_used = now;
    next.emplace(image.id, r);
  }
  known_ = std::move(next);
  seen_at_ = now;
  any_look_ = true;
}

std::vector<std::pair<std::string, image_book::record>> image_book::unused() const {
  std::vector<std::pair<std::string, record>> out;
  for (const auto& one : known_)
    if (!one.second.in_use && !one.second.pinned) out.push_back(one);
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second.last_used, a.second.first_seen) <
           std::tie(b.second.last_used, b.second.first_seen);
  });
  return out;
}

std::vector<image_book::candidate> image_book::removable() const {
  std::vector<candidate> out;
  for (const auto& [id, r] : unused())
    if (seen_at_ - r.first_seen >= policy_.least_age) out.push_back({id, r.size});
  return out;
}

std::vector<image_book::candidate> image_book::expired(time_point began) const {
  std::vector<candidate> out;
  if (policy_.most_age.count() == 0 || seen_at_ - began <= policy_.most_age) return out;
  for (const auto& [id, r] : unused())
    if (seen_at_ - r.last_used > policy_.most_age && seen_at_ - r.first_seen >= policy_.least_age)
      out.push_back({id, r.size});
  return out;
}

}  // namespace troupe::model::kubelet
