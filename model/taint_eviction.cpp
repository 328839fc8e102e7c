#include "model/taint_eviction.hpp"

#include <algorithm>

namespace troupe::model {

std::vector<taint> no_execute_taints(const node_view& node) {
  std::vector<taint> out;
  std::copy_if(node.taints.begin(), node.taints.end(), std::back_inserter(out),
               [](const taint& t) { return t.effect == "NoExecute"; });
  return out;
}

std::optional<std::chrono::seconds> eviction_delay(const std::vector<taint>& taints,
                                                   const std::vector<toleration>& tolerations) {
  std::optional<std::chrono::seconds> out;
  for (const taint& t : taints) {
    const auto used = std::find_if(tolerations.begin(), tolerations.end(),
                                   [&](const toleration& by) { return by.tolerates(t); });
    if (used == tolerations.end()) return std::chrono::seconds(0);
    if (!used->seconds) continue;
    const std::chrono::seconds stay(std::max<std::int64_t>(0, *used->seconds));
    out = out ? std::min(*out, stay) : stay;
  }
  return out;
}

}  // namespace troupe::model
