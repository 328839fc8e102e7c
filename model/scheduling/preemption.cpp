#include "model/scheduling/preemption.hpp"

#include "model/json_read.hpp"
#include "model/json_text.hpp"
#include "model/pod_phase.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace troupe::model {
namespace {

bool guards(const disruption_limit& limit, const object& pod) {
  const auto& h = pod.header();
  return limit.ns == h.key.ns && limit.selector && !limit.selector->empty() && !h.labels.empty() &&
         limit.selector->matches(h.labels) && !limit.disrupted.contains(h.key.name);
}

// Priorities may be negative: shifted, so that more of them are always a larger sum.
std::int64_t weight_of(const std::vector<victim>& victims) {
  std::int64_t sum = 0;
  for (const auto& v : victims) sum += v.priority + (std::int64_t{1} << 31);
  return sum;
}

time_point earliest_start(const std::vector<victim>& victims) {
  auto earliest = victims.front().started;
  for (const auto& v : victims)
    if (v.priority == victims.front().priority) earliest = std::min(earliest, v.started);
  return earliest;
}

}  // namespace

disruption_limit::disruption_limit(const object& budget)
    : ns(budget.key().ns), version(budget.version()) {
  const json document = budget.parse();
  std::string error;
  if (const json& s = at(document, {"spec", "selector"}); s.is_object())
    selector = label_selector::from_json(s, error);
  if (const json& n = at(document, {"status", "disruptionsAllowed"}); n.is_number_integer())
    allowed = n.get<std::int64_t>();
  if (const json& pods = at(document, {"status", "disruptedPods"}); pods.is_object())
    for (const auto& [name, when] : pods.items()) disrupted.insert(name);
}

bool more_important(const victim& a, const victim& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.started < b.started;
}

victims_by_budget split_by_budgets(std::vector<victim> victims,
                                   const std::vector<disruption_limit>& budgets) {
  std::vector<std::int64_t> left;
  for (const auto& b : budgets) left.push_back(b.allowed);
  victims_by_budget out;
  for (auto& v : victims) {
    bool violates = false;
    for (std::size_t i = 0; i < budgets.size(); ++i)
      if (guards(budgets[i], *v.pod)) violates = --left[i] < 0 || violates;
    (violates ? out.violating : out.others).push_back(std::move(v));
  }
  return out;
}

void charge(std::vector<disruption_limit>& budgets, const object& pod) {
  for (auto& b : budgets)
    if (guards(b, pod)) --b.allowed;
}

const preemption_candidate& pick_candidate(const std::vector<const preemption_candidate*>& all) {
  const auto worse = [](const preemption_candidate& a, const preemption_candidate& b) {
    if (a.violations != b.violations) return a.violations > b.violations;
    const auto highest = [](const auto& c) { return c.victims.front().priority; };
    if (highest(a) != highest(b)) return highest(a) > highest(b);
    if (const auto x = weight_of(a.victims), y = weight_of(b.victims); x != y) return x > y;
    if (a.victims.size() != b.victims.size()) return a.victims.size() > b.victims.size();
    return earliest_start(a.victims) < earliest_start(b.victims);
  };
  const auto* best = all.front();
  for (const auto* c : all)
    if (worse(*best, *c)) best = c;
  return *best;
}

std::int32_t priority_of(const object& pod) {
  const auto text = member_text(pod.text_of(part::spec), "priority");
  std::int32_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

time_point start_of(const object& pod) {
  const auto text = member_text(pod.text_of(part::status), "startTime");
  const auto when = text.size() > 2 ? from_rfc3339(text.substr(1, text.size() - 2)) : std::nullopt;
  return when.value_or(time_point::max());
}

bool ends_by_preemption(const object& pod) {
  if (!pod.header().deleting) return false;
  const json conditions = read_json(member_text(pod.text_of(part::status), "conditions"));
  if (!conditions.is_array()) return false;
  return std::any_of(conditions.begin(), conditions.end(), [](const json& c) {
    return string_at(c, {"type"}) == "DisruptionTarget" && string_at(c, {"status"}) == "True" &&
           string_at(c, {"reason"}) == "PreemptionByScheduler";
  });
}

bool takes_room(const object& pod) {
  const auto* node = find(pod.header().fields, "spec.nodeName");
  return node && !node->empty() && !has_ended(pod);
}

std::string nominated_node_of(const object& pod) {
  if (!pod.says(word::nominated_node_name)) return {};
  const auto text = member_text(pod.text_of(part::status), "nominatedNodeName");
  return text.size() > 2 ? std::string(text.substr(1, text.size() - 2)) : std::string();
}

}  // namespace troupe::model
