#include "model/workload/revisions.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t longest_history = 2000;  // characters

// What belongs to the Deployment itself.
bool is_own(std::string_view name) {
  static constexpr std::string_view names[] = {"kubectl.kubernetes.io/last-applied-configuration",
                                               revision_annotation,
                                               revision_history_annotation,
                                               desired_replicas_annotation,
                                               max_replicas_annotation,
                                               "deprecated.deployment.rollback.to"};
  return std::ranges::find(names, name) != std::end(names);
}

// Appends to a list with commas; the oldest go when it becomes too long.
std::string appended(std::string history, const std::string& revision) {
  if (history.empty()) return revision;
  history += "," + revision;
  while (history.size() > longest_history) {
    const auto comma = history.find(',');
    if (comma == std::string::npos) break;
    history.erase(0, comma + 1);
  }
  return history;
}

}  // namespace

std::int64_t max_revision(const rollout_sets& sets) {
  std::int64_t most = 0;
  for (const auto& s : sets) most = std::max(most, s.revision());
  return most;
}

void take_annotations(const deployment_view& d, json& annotations, std::int64_t revision) {
  for (const auto& [key, value] : d.annotations.items())
    if (!is_own(key)) annotations[key] = value;
  const std::string before = string_at(annotations, {revision_annotation});
  const auto number = number_in(annotations, revision_annotation);
  if (!before.empty() && !number) return;  // somebody else's word
  if (number.value_or(0) >= revision) return;
  annotations[revision_annotation] = std::to_string(revision);
  if (number)
    annotations[revision_history_annotation] =
        appended(string_at(annotations, {revision_history_annotation}), before);
}

std::vector<const rollout_set*> beyond_history(const rollout_sets& old, std::int64_t limit) {
  std::vector<const rollout_set*> sets;
  for (const auto& s : old)
    if (!s.deleting) sets.push_back(&s);
  const auto surplus = static_cast<std::int64_t>(sets.size()) - limit;
  if (surplus <= 0) return {};
  std::ranges::stable_sort(sets, {}, [](const rollout_set* s) { return s->revision(); });
  sets.resize(static_cast<std::size_t>(surplus));
  std::erase_if(sets, [](const rollout_set* s) {
    return s->actual != 0 || s->replicas != 0 || s->generation > s->observed_generation;
  });
  return sets;
}

}  // namespace troupe::model
