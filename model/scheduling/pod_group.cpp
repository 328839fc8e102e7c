#include "model/scheduling/pod_group.hpp"

#include "model/selector.hpp"

#include <algorithm>

namespace troupe::model {

std::string pod_group_of(const std::string& ns, const string_pairs& labels) {
  const auto* name = find(labels, pod_group_label);
  if (!name || name->empty()) return {};
  std::string out = ns;
  return out.append("/").append(*name);
}

std::size_t min_member_of(const object& pod_group) {
  const json document = pod_group.parse();
  const json& n = at(document, {"spec", "minMember"});
  const std::int64_t least = n.is_number_integer() ? n.get<std::int64_t>() : 1;
  return static_cast<std::size_t>(std::max<std::int64_t>(1, least));
}

}  // namespace troupe::model
