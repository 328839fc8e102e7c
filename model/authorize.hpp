#pragma once

#include "model/request_info.hpp"
#include "model/status.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace troupe::model {

/// Who asks, as authorization sees it.
struct subject {
  std::string_view name;
  std::span<const std::string> groups;
  bool in(std::string_view group) const;
};

/// The group that may do everything, whatever the roles say.
inline constexpr std::string_view masters_group = "system:masters";

/// The name of the node that the user is; empty when it is none.
std::string_view node_of(const subject& user);

/// What a node may not do although its role allows the verb and the resource (NodeRestriction):
/// write another node, another node's pods or leases. `object` is the one that would be stored, or
/// null.
std::optional<status> restrict_node(const subject& user, const request_info& what,
                                    const json& object);

}  // namespace troupe::model
