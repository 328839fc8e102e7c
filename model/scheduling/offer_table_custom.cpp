#include "model/scheduling/offer_table.hpp"
#include "model/scheduling/scores.hpp"

#include <algorithm>
#include <exception>

namespace troupe::model {

// A plugin that throws refuses: nobody knows what it would have said.
std::optional<refusal> offer_table::custom_refusal(std::size_t row, const pod_view& pod,
                                                   const usage& used) const {
  for (const auto& use : rules_.custom) {
    if (!use.filters || !use.plugin) continue;
    std::string why;
    try {
      why = use.plugin->filter(pod, *views_[row], used);
    } catch (const std::exception& e) {
      why = "running Filter plugin \"" + use.name + "\": " + e.what();
    }
    if (!why.empty()) return refusal{custom_plugin, {std::move(why)}, false};
  }
  return std::nullopt;
}

std::optional<refusal> offer_table::custom_refusal(std::size_t row, const pod_view& pod) const {
  if (rules_.custom.empty()) return std::nullopt;
  return nominated_.empty() ? custom_refusal(row, pod, used_[row])
                            : custom_refusal(row, pod, with_nominated(row, pod));
}

std::int64_t offer_table::custom_score(std::size_t row, const pod_view& pod) const {
  std::int64_t sum = 0;
  for (const auto& use : rules_.custom) {
    if (use.weight == 0 || !use.plugin) continue;
    try {
      const auto score = use.plugin->score(pod, *views_[row], used_[row]);
      sum += use.weight * std::clamp<std::int64_t>(score, 0, max_node_score);
    } catch (const std::exception&) {  // a node that cannot be scored is worth nothing to it
      continue;
    }
  }
  return sum;
}

}  // namespace troupe::model
