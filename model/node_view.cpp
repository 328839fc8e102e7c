#include "model/node_view.hpp"

#include "model/selector.hpp"

#include <algorithm>

namespace troupe::model {

node_view::node_view(const object& node) : node_view(node.content()) {}

node_view::node_view(const json& document) {
  name = string_at(document, {"metadata", "name"});
  if (const json& map = at(document, {"metadata", "labels"}); map.is_object())
    for (const auto& [key, value] : map.items())
      if (value.is_string()) labels.emplace_back(key, value.get<std::string>());
  for (const json& t : at(document, {"spec", "taints"}))
    taints.push_back({string_at(t, {"key"}), string_at(t, {"value"}), string_at(t, {"effect"})});
  const json& cordon = at(document, {"spec", "unschedulable"});
  unschedulable = cordon.is_boolean() && cordon.get<bool>();
  const json& status = at(document, {"status"});
  const json& given = at(status, {"allocatable"});
  // Allocatable defaults to capacity (core/v1 defaults).
  allocatable = resources::of(given.is_object() ? given : at(status, {"capacity"}));
  for (const json& c : at(status, {"conditions"}))
    conditions.emplace_back(string_at(c, {"type"}), string_at(c, {"status"}));
  for (const auto& [type, value] : conditions)
    if (type == "Ready") ready = value;
  for (const json& image : at(status, {"images"})) {
    const json& bytes = at(image, {"sizeBytes"});
    for (const json& n : at(image, {"names"}))
      if (n.is_string() && bytes.is_number_integer())
        images.emplace_back(n.get<std::string>(), bytes.get<std::int64_t>());
  }
  std::sort(images.begin(), images.end());
  if (const auto* value = find(labels, "topology.kubernetes.io/zone")) zone = *value;
}

bool node_view::same_for_scheduling(const node_view& o) const {
  return unschedulable == o.unschedulable && allocatable == o.allocatable && taints == o.taints &&
         labels == o.labels && images == o.images;
}

}  // namespace troupe::model
