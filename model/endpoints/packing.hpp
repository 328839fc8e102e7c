#pragma once

#include "model/json.hpp"

#include <string>
#include <vector>

namespace troupe::model {

inline constexpr std::size_t most_endpoints_a_slice = 100;

/// What packing makes of the slices of one set of ports.
struct packed_slices {
  std::vector<json> create;
  std::vector<json> update;
  std::vector<std::string> remove;  ///< names
};

/// Puts endpoints into slices with as few writes as can be (endpointslice's
/// reconcileByPortMapping): endpoints stay where they are, what is new goes into slices that change
/// anyway, then into the one that it fills best, then into new ones made from `fresh`.
packed_slices pack_slices(const std::vector<const json*>& existing, std::vector<json> desired,
                          const json& labels, const json& fresh);

}  // namespace troupe::model
