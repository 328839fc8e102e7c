#pragma once

#include "model/json.hpp"

#include <vector>

namespace troupe::model {

/// The subsets of an Endpoints in canonical form (api/v1/endpoints RepackSubsets): an address and a
/// port once each, what shares ports together, all sorted. An address that is not ready for a port
/// anywhere is not ready.
json repack_subsets(const std::vector<json>& subsets);

inline constexpr std::size_t most_addresses_of_endpoints = 1000;

/// Leaves at most 1000 addresses, ready ones first, of each subset its share; whether it had to.
bool truncate_subsets(json& subsets);

}  // namespace troupe::model
