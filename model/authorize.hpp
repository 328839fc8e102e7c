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

/// Nothing when the user may do this, else the Status: 403 in Kubernetes' words. system:masters may
/// do everything; nodes, bootstrappers and strangers what the system roles of Kubernetes give them.
std::optional<status> authorize(const subject& user, const request_info& what);

/// What a node may not do although its role allows the verb and the resource (NodeRestriction):
/// write another node, another node's pods or leases. `object` is the one that would be stored, or
/// null.
std::optional<status> restrict_node(const subject& user, const request_info& what,
                                    const json& object);

}  // namespace troupe::model
