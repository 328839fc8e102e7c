#include "model/autoscaling/behavior.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace troupe::model {
namespace {

using std::chrono::seconds;

// How long recommendations hold back a scale-down that no behavior speaks of.
constexpr std::int64_t default_down_window = 300;
// What may be added at once without a behavior: as many again, or up to this number.
constexpr std::int64_t free_scale_up = 4;

constexpr std::int64_t highest = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t lowest = std::numeric_limits<std::int32_t>::min();

constexpr const char* too_fast_up =
    "the desired replica count is increasing faster than the maximum scale rate";
constexpr const char* too_fast_down =
    "the desired replica count is decreasing faster than the maximum scale rate";
constexpr const char* too_many = "the desired replica count is more than the maximum replica count";
constexpr const char* too_few = "the desired replica count is less than the minimum replica count";
constexpr const char* lower_before =
    "recent recommendations were lower than current one, applying the lowest recent recommendation";
constexpr const char* higher_before =
    "recent recommendations were higher than current one, applying the highest recent "
    "recommendation";

std::int64_t number(const json& value, const char* name, std::int64_t missing) {
  const json& found = at(value, {name});
  return found.is_number_integer() ? found.get<std::int64_t>() : missing;
}

std::int64_t window_of(const json& behavior, const char* direction, std::int64_t missing) {
  return number(at(behavior, {direction}), "stabilizationWindowSeconds", missing);
}

struct limit {
  std::int64_t replicas = 0;
  const char* reason = "DesiredWithinRange";
  const char* message = "the desired count is within the acceptable range";
};

// Remembers a recommendation in the place of one that nobody asks for any more.
void remember(autoscaler_memory& memory, std::int64_t replicas, time_point old, time_point now) {
  auto& all = memory.recommendations;
  const auto outdated =
      std::find_if(all.begin(), all.end(), [old](const auto& r) { return r.at < old; });
  if (outdated != all.end())
    *outdated = {replicas, now};
  else
    all.push_back({replicas, now});
}

// kube's stabilizeRecommendation and stabilizeRecommendationWithBehaviors.
std::int64_t stabilized(const autoscaler_bounds& b, std::int64_t wanted,
                        const autoscaler_memory& memory, std::optional<time_point> up_since,
                        time_point down_since) {
  std::int64_t up = wanted, down = wanted;
  for (const auto& r : memory.recommendations) {
    if (up_since && r.at > *up_since) up = std::min(up, r.replicas);
    if (r.at > down_since) down = std::max(down, r.replicas);
  }
  if (!up_since) return down;
  return std::min(std::max(b.current, up), down);
}

std::int64_t changed_within(const std::vector<autoscaler_memory::change>& changes,
                            std::int64_t period, time_point now) {
  std::int64_t sum = 0;
  for (const auto& c : changes)
    if (c.at > now - seconds(period)) sum += c.replicas;
  return sum;
}

// How far the policies of one direction let it go.
std::int64_t pace_limit(const json& rules, bool up, std::int64_t current,
                        const autoscaler_memory& memory, time_point now) {
  const std::string select = string_at(rules, {"selectPolicy"}, "Max");
  if (select == "Disabled") return current;
  // Going down, the policy that changes least leaves the most.
  const bool take_higher = (select == "Min") != up;
  std::int64_t result = take_higher ? lowest : highest;
  for (const json& policy : at(rules, {"policies"})) {
    const auto period = number(policy, "periodSeconds", 0);
    const auto start = current - changed_within(memory.ups, period, now) +
                       changed_within(memory.downs, period, now);
    const auto value = number(policy, "value", 0);
    std::int64_t proposed = up ? start + value : start - value;
    if (string_at(policy, {"type"}) == "Percent") {
      const double share = static_cast<double>(value) / 100;
      const double base = static_cast<double>(start);
      proposed = static_cast<std::int64_t>(up ? std::ceil(base * (1 + share)) : base * (1 - share));
    }
    result = take_higher ? std::max(result, proposed) : std::min(result, proposed);
  }
  return result;
}

// kube's convertDesiredReplicasWithRules.
limit by_rules(const autoscaler_bounds& b, std::int64_t wanted) {
  const auto up = std::max(2 * b.current, free_scale_up);
  const bool fast = b.most > up;
  if (wanted < b.least) return {b.least, "TooFewReplicas", too_few};
  if (wanted > std::min(b.most, up))
    return fast ? limit{up, "ScaleUpLimit", too_fast_up}
                : limit{b.most, "TooManyReplicas", too_many};
  return {wanted};
}

// kube's convertDesiredReplicasWithBehaviorRate.
limit by_pace(const json& behavior, const autoscaler_bounds& b, std::int64_t wanted,
              const autoscaler_memory& memory, time_point now) {
  if (wanted > b.current) {
    const auto up =
        std::max(b.current, pace_limit(at(behavior, {"scaleUp"}), true, b.current, memory, now));
    if (wanted > std::min(b.most, up))
      return b.most > up ? limit{up, "ScaleUpLimit", too_fast_up}
                         : limit{b.most, "TooManyReplicas", too_many};
  } else if (wanted < b.current) {
    const auto down =
        std::min(b.current, pace_limit(at(behavior, {"scaleDown"}), false, b.current, memory, now));
    if (wanted < std::max(b.least, down))
      return b.least < down ? limit{down, "ScaleDownLimit", too_fast_down}
                            : limit{b.least, "TooFewReplicas", too_few};
  }
  return {wanted};
}

std::int64_t longest_period(const json& rules) {
  std::int64_t longest = 0;
  for (const json& policy : at(rules, {"policies"}))
    longest = std::max(longest, number(policy, "periodSeconds", 0));
  return longest;
}

}  // namespace

void autoscaler_memory::begin(std::int64_t current, time_point now) {
  if (recommendations.empty()) recommendations.push_back({current, now});
}

void autoscaler_memory::changed(const json& behavior, std::int64_t from, std::int64_t to,
                                time_point now) {
  if (!behavior.is_object() || from == to) return;
  auto& changes = to > from ? ups : downs;
  const auto since =
      now - seconds(longest_period(at(behavior, {to > from ? "scaleUp" : "scaleDown"})));
  std::erase_if(changes, [since](const change& c) { return c.at <= since; });
  changes.push_back({std::abs(to - from), now});
}

bounded_replicas bound_replicas(const json& behavior, const autoscaler_bounds& b,
                                std::int64_t wanted, autoscaler_memory& memory, time_point now) {
  const bool paced = behavior.is_object();
  const auto down_since = now - seconds(window_of(behavior, "scaleDown", default_down_window));
  std::optional<time_point> up_since;
  if (paced) up_since = now - seconds(window_of(behavior, "scaleUp", 0));
  const auto stable = stabilized(b, wanted, memory, up_since, down_since);
  remember(memory, wanted, up_since ? std::min(*up_since, down_since) : down_since, now);
  bounded_replicas out;
  const bool grows = paced && wanted >= b.current;
  if (stable == wanted)
    out.able = {"AbleToScale", true, "ReadyForNewScale", "recommended size matches current size"};
  else
    out.able = {"AbleToScale", true, grows ? "ScaleUpStabilized" : "ScaleDownStabilized",
                grows ? lower_before : higher_before};
  const auto l = paced ? by_pace(behavior, b, stable, memory, now) : by_rules(b, stable);
  out.replicas = l.replicas;
  out.limited = {"ScalingLimited", l.replicas != stable, l.reason, l.message};
  return out;
}

}  // namespace troupe::model
