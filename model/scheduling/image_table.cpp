#include "model/scheduling/image_table.hpp"

#include <algorithm>

namespace troupe::model {

void image_table::set(const std::string& node, const images& have) {
  if (const auto at = of_node_.find(node); at != of_node_.end()) {
    for (const auto& [name, bytes] : at->second)
      if (const auto s = states_.find(name); --s->second.nodes == 0) states_.erase(s);
    of_node_.erase(at);
  }
  if (have.empty()) return;
  for (const auto& [name, bytes] : have) {
    state& s = states_[name];
    if (s.nodes++ == 0) s.bytes = bytes;
  }
  of_node_[node] = have;
}

bool image_table::has_any(const std::vector<std::string>& names) const {
  return !states_.empty() && std::any_of(names.begin(), names.end(),
                                         [&](const auto& name) { return states_.contains(name); });
}

std::int64_t image_table::bytes_on(const node_view& node, const std::vector<std::string>& names,
                                   std::size_t nodes) const {
  std::int64_t sum = 0;
  for (const auto& name : names) {
    const auto at =
        std::lower_bound(node.images.begin(), node.images.end(), name,
                         [](const auto& have, const auto& n) { return have.first < n; });
    if (at == node.images.end() || at->first != name) continue;
    const state& s = states_.at(name);
    const double share = static_cast<double>(s.nodes) / static_cast<double>(nodes);
    sum += static_cast<std::int64_t>(static_cast<double>(s.bytes) * share);
  }
  return sum;
}

}  // namespace troupe::model
