#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace troupe::model {

/// A PriorityClass that every cluster has (k8s.io/kubernetes/pkg/apis/scheduling/v1).
struct system_priority {
  std::string_view name;
  std::int64_t value;
  std::string_view description;
};

inline constexpr std::array<system_priority, 2> system_priorities{
    {{"system-node-critical", 2'000'001'000,
      "Used for system critical pods that must not be moved from their current node."},
     {"system-cluster-critical", 2'000'000'000,
      "Used for system critical pods that must run in the cluster, but can be moved to "
      "another node if necessary."}}};

/// The one of that name; null: none is called so.
constexpr const system_priority* system_priority_named(std::string_view name) {
  for (const auto& one : system_priorities)
    if (one.name == name) return &one;
  return nullptr;
}

}  // namespace troupe::model
