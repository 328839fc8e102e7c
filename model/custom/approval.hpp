#pragma once

#include "model/json.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

inline constexpr const char* approval_annotation = "api-approved.kubernetes.io";

/// What the annotation of a definition says of its review, for groups of the community's own
/// (apihelpers' GetAPIApprovalState).
struct api_approval {
  enum kind : std::uint8_t { missing, given, refused, invalid } state;
  std::string explained;
};
api_approval approval_of(const json& definition);

/// "k8s.io", "kubernetes.io", and what ends so.
bool needs_approval(std::string_view group);

}  // namespace troupe::model
