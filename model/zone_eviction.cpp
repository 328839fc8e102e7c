#include "model/zone_eviction.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr double unhealthy_share = 0.55;
constexpr std::size_t large_zone = 50;
constexpr double usual_rate = 0.1;
constexpr double slow_rate = 0.01;

}  // namespace

zone_state zone_count::state() const {
  if (ready == 0 && not_ready > 0) return zone_state::full;
  const auto all = static_cast<double>(ready + not_ready);
  if (not_ready > 2 && static_cast<double>(not_ready) / all >= unhealthy_share)
    return zone_state::partial;
  return zone_state::normal;
}

double eviction_rate(const std::map<std::string, zone_count>& zones, const std::string& zone) {
  const bool all_down = std::all_of(zones.begin(), zones.end(), [](const auto& z) {
    return z.second.state() == zone_state::full;
  });
  const auto found = zones.find(zone);
  if (all_down || found == zones.end()) return 0;
  if (found->second.state() != zone_state::partial) return usual_rate;
  return found->second.ready + found->second.not_ready > large_zone ? slow_rate : 0;
}

bool eviction_pace::take(double rate, time_point now) {
  const auto turn = next(rate, now);
  if (!turn || *turn > now) return false;
  last_ = now;
  return true;
}

std::optional<time_point> eviction_pace::next(double rate, time_point now) const {
  if (rate <= 0) return std::nullopt;
  if (!last_) return now;
  const auto pause =
      std::chrono::duration_cast<time_point::duration>(std::chrono::duration<double>(1 / rate));
  return std::max(now, *last_ + pause);
}

}  // namespace troupe::model
